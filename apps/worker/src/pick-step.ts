/** Which step is next: a pure function of the record and the time. */
import type { RequestRecord } from "@visgate/shared/domain/request";
import { isTerminal } from "@visgate/shared/domain/state";

export type StepName = "announce" | "finalise" | "locate" | "cancel" | "giveUp" | "follow" | "submit" | "poll";

export function pickStep(record: RequestRecord, now: number): StepName {
  if (isTerminal(record.status)) return "announce";
  if (record.rendered !== null) return "finalise";
  if (record.intent !== null && record.providerRequestId === null) return "locate";
  if (record.cancelRequestedAt !== null) return "cancel";
  if (now >= record.deadlineAt) return "giveUp";
  if (record.cache.leaderId !== null) return "follow";
  return record.providerRequestId === null ? "submit" : "poll";
}
