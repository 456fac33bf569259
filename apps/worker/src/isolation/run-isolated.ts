/**
 * A request that was running each time its worker process died may be the cause. It runs alone in its own process: if
 * that process dies, only this request fails.
 */
import type { Failure } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { advance, fail, finish, type Outcome, sleep } from "../outcome.js";
import { pickStep } from "../pick-step.js";
import type { Isolation } from "./isolation.js";

/** A death counts for every request of the process. After three in a row, this request is the likely cause. */
const MAX_DEATHS = 3;
const BUSY_DELAY_MS = 500;
const STOPPED_DELAY_MS = 5000;

export const isSuspect = ({ deaths = 0, doc }: StoredRequest): boolean =>
  deaths >= MAX_DEATHS && !isTerminal(doc.status);

export async function runIsolated(
  deps: Deps,
  isolation: Isolation,
  current: StoredRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  const result = await isolation.run(current.doc, signal);
  switch (result.kind) {
    case "busy":
      return sleep(BUSY_DELAY_MS);
    case "stopped":
      return sleep(STOPPED_DELAY_MS);
    case "outcome":
      await deps.store.requests.forgetDeaths(current.doc);
      return result.outcome;
    case "died":
      return failUnlessAdvanced(deps, current.doc);
  }
}

/** The process may have died in a later step than its first one. That step gets its own isolated process. */
async function failUnlessAdvanced(deps: Deps, before: RequestRecord): Promise<Outcome> {
  const current = await deps.store.requests.get(before);
  if (current === null) return finish;
  const now = deps.clock.now();
  if (pickStep(current.doc, now) !== pickStep(before, now)) return advance;
  deps.log.error(
    { requestId: before.id, step: pickStep(before, now) },
    "a request that kills its worker process was failed",
  );
  return fail(deps, current, failureOf(current.doc));
}

function failureOf({ rendered, search, intent }: RequestRecord): Failure {
  const why = "The worker process died each time it ran this request.";
  if (rendered !== null) {
    const message = `The provider made an output that could not be fetched. ${why}`;
    return { code: "OUTPUT_UNAVAILABLE", message, retryable: false, charged: true };
  }
  if (search !== null) {
    const message = `The submit may have reached the provider; it was not sent twice. ${why}`;
    return { code: "SUBMIT_UNKNOWN", message, retryable: false, charged: null };
  }
  return { code: "INTERNAL_ERROR", message: why, retryable: false, charged: intent === null ? false : null };
}
