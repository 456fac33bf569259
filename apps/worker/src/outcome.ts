/** What a step returns. Only consume.ts and first-steps.ts turn it into a BullMQ call; a step that throws has a bug. */
import type { Failure } from "@visgate/shared/errors";
import type { RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "./deps.js";
import { fallBack } from "./fall-back.js";
import { noteEnded, noteFailure } from "./provider/health.js";

export type Outcome =
  /** The record has changed: read it again and run its next step now. */
  | { kind: "advance" }
  /** Wake the request again after `delayMs`. Until then it occupies no worker slot. */
  | { kind: "sleep"; delayMs: number }
  /** There is nothing left to do. */
  | { kind: "finish" };

export const advance: Outcome = { kind: "advance" };
export const finish: Outcome = { kind: "finish" };
export const sleep = (delayMs: number): Outcome => ({ kind: "sleep", delayMs: Math.max(1, Math.round(delayMs)) });

/** Sleeps at most until the request's deadline, because then it has to be given up. */
export function sleepWithinDeadline(deps: Deps, { deadlineAt }: RequestRecord, delayMs: number): Outcome {
  const leftMs = deadlineAt - deps.clock.now();
  return sleep(leftMs > 0 ? Math.min(delayMs, leftMs) : delayMs);
}

/**
 * The only way a step ends a request as failed. It goes on with another model instead, when the caller named one and the
 * failure is unpaid. Advances also when another process changed the request first: the record then says what comes next.
 */
export async function fail(
  deps: Deps,
  current: StoredRequest,
  failure: Failure,
  billedMicro: number | null = null,
): Promise<Outcome> {
  if (await fallBack(deps, current, failure)) return advance;
  const failed = { name: "failed", at: deps.clock.now(), failure, billedMicro } as const;
  const { kind } = await deps.store.requests.apply(current, failed);
  if (kind === "applied") {
    noteFailure(deps, current.doc, failure);
    noteEnded(deps, current.doc, failure);
  }
  return advance;
}
