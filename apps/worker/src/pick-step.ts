/** Which step comes next: a pure function of the record and the time. */
import { isTerminal, type RequestRecord } from "@visgate/shared/request";

export type StepName = "notify" | "finalize" | "locate" | "cancel" | "giveUp" | "follow" | "submit" | "poll";

export function pickStep(record: RequestRecord, now: number): StepName {
  if (isTerminal(record.status)) return "notify";
  if (record.rendered !== null) return "finalize";
  if (record.intent !== null && record.providerRequestId === null) return "locate";
  if (record.cancelRequestedAt !== null) return "cancel";
  if (now >= record.deadlineAt) return "giveUp";
  if (record.cache.leaderId !== null) return "follow";
  return record.providerRequestId === null ? "submit" : "poll";
}
