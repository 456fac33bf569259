/**
 * Counts submits against the rate limits of their key and their organization. What counts is a call that was accepted:
 * one that is refused, for any reason, or that returns an earlier request, is taken back.
 */
import { type ApiKey, type Organization, type RateLimit, rateLimitsOf } from "@visgate/shared/organization";
import { type Rates, takenBack } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import type { Submitted } from "./accept-request.js";
import { tooManyCalls } from "./limits.js";

interface RatedCall {
  apiKey: ApiKey;
  organization: Organization;
  /** Called whenever the rates of the call are known, also before it is refused. */
  onRates: (rates: Rates) => void;
  /** Whether the call repeats one that was accepted. Asked only for a call that its limits refuse. */
  isRepeated: () => Promise<boolean>;
}

export async function withinRateLimits(deps: Deps, call: RatedCall, accept: () => Promise<Submitted>) {
  const limits = rateLimitsOf(call.organization, call.apiKey);
  if (limits.length === 0) return accept();
  const { states, refusedBy } = await count(deps, call, limits);
  call.onRates({ limits, states });
  if (refusedBy !== null) {
    if (await call.isRepeated()) return accept();
    throw tooManyCalls(refusedBy);
  }
  // Not awaited: while Redis is away, it would delay the 503. A call that is not taken back only counts too much.
  const takeBack = () => {
    deps.store.rateLimits.takeBack(call.apiKey, states).catch(() => {});
    call.onRates({ limits, states: states.map(takenBack) });
  };
  try {
    const submitted = await accept();
    if (!submitted.replayed && !submitted.unsettled) return submitted;
    takeBack();
    return submitted;
  } catch (error) {
    takeBack();
    throw error;
  }
}

async function count(deps: Deps, { apiKey }: RatedCall, limits: readonly RateLimit[]) {
  try {
    return await deps.store.rateLimits.count(apiKey, limits);
  } catch (error) {
    deps.gate.report(error);
    throw error;
  }
}
