/** Sleep, but no longer than to the request's deadline: then it is to be given up on, whatever the provider asked for. */
import type { RequestRecord } from "@visgate/shared/domain/request";
import type { Deps } from "../deps.js";
import { type Outcome, sleep } from "../outcome.js";

export function rest(deps: Deps, { deadlineAt }: RequestRecord, delayMs: number): Outcome {
  const leftMs = deadlineAt - deps.clock.now();
  return sleep(leftMs > 0 ? Math.min(delayMs, leftMs) : delayMs);
}
