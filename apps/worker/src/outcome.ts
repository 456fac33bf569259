/** What a step answers. One place (consume.ts) turns it into BullMQ's terms; throwing means a bug. */
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "./deps.js";

export type Outcome =
  /** The record has moved on: look at it again at once. */
  | { kind: "advance" }
  /** Nothing to do before `delayMs`; no slot is held meanwhile. */
  | { kind: "sleep"; delayMs: number }
  /** Nothing left to do. */
  | { kind: "finish" };

export const advance: Outcome = { kind: "advance" };
export const finish: Outcome = { kind: "finish" };
export const sleep = (delayMs: number): Outcome => ({ kind: "sleep", delayMs: Math.max(1, Math.round(delayMs)) });

/** Sleeps no longer than to the request's deadline: then it is given up, whatever the provider asked for. */
export function sleepWithinDeadline(deps: Deps, { deadlineAt }: RequestRecord, delayMs: number): Outcome {
  const leftMs = deadlineAt - deps.clock.now();
  return sleep(leftMs > 0 ? Math.min(delayMs, leftMs) : delayMs);
}
