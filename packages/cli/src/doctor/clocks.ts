/** Do this machine, the gateway and Redis agree on the time? */
import type { Diagnostics } from "@visgate_ai/client";
import { seconds } from "../screen/text.js";
import { type Check, fault, ok, warning } from "./check.js";

/** What the gateway told, and when by this machine's clock it was asked and had answered, in milliseconds. */
export interface Timed {
  diagnostics: Diagnostics;
  askedAt: number;
  answeredAt: number;
}

const NOTICEABLE_MS = 5000;
/** Webhooks that are further off are refused by their receivers. */
const HARMFUL_MS = 300_000;
const ADVICE = "Set the clocks by NTP: beyond 5 minutes webhooks are refused, and addresses of outputs end early.";

export function checkClocks({ diagnostics, askedAt, answeredAt }: Timed): Check {
  const halfway = (askedAt + answeredAt) / 2;
  const toGateway = Date.parse(diagnostics.time) - halfway;
  // What the call took is what cannot be known of it.
  const surely = Math.max(0, Math.abs(toGateway) - (answeredAt - askedAt) / 2);
  const toRedis = diagnostics.redis.clockAheadMs;
  const worst = Math.max(surely, Math.abs(toRedis ?? 0));
  const redis = toRedis === null ? "Redis does not tell its own" : `Redis's is ${aheadText(toRedis)} the gateway's`;
  const message = `The gateway's clock is ${aheadText(toGateway)} this machine's, ${redis}`;
  if (worst > HARMFUL_MS) return fault("clocks", message, ADVICE);
  return worst > NOTICEABLE_MS ? warning("clocks", message, ADVICE) : ok("clocks", message);
}

const aheadText = (ms: number): string => `${seconds(Math.abs(ms))} ${ms < 0 ? "behind" : "ahead of"}`;
