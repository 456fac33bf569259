/** A request as one of Runway's tasks. */

import type { Failure, FailureCode } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord, requestView } from "@visgate/shared/request";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../../deps.js";

const STATUS = { pending: "PENDING", processing: "RUNNING", completed: "SUCCEEDED", failed: "FAILED" } as const;
/** One credit costs one cent. */
const MICRO_PER_CREDIT = 10_000;
/** All others are INTERNAL. */
const FAILURE_CODES: Partial<Record<FailureCode, string>> = {
  CONTENT_POLICY_VIOLATION: "SAFETY",
  VALIDATION_ERROR: "ASSET.INVALID",
};

export function createdTask({ id, estimatedCostMicro }: RequestRecord) {
  return { id, ...(estimatedCostMicro === null ? {} : { estimatedCost: creditsOf(estimatedCostMicro) }) };
}

export function taskOf({ fileUrls }: Deps, record: RequestRecord) {
  const { status, createdAt, progress, failure, costMicro } = record;
  const common = { ...createdTask(record), createdAt: isoTime(createdAt) };
  if (!isTerminal(status)) {
    return { ...common, status: STATUS[status], ...(status === "processing" ? { progress: progress ?? 0 } : {}) };
  }
  const ended = { id: record.id, createdAt: common.createdAt, cost: creditsOf(costMicro) };
  if (failure?.code === "CANCELLED") return { ...ended, status: "CANCELLED" };
  if (failure !== null) return { ...ended, status: "FAILED", ...failureFields(failure) };
  return { ...ended, status: STATUS[status], output: requestView(record, fileUrls).output_urls };
}

const creditsOf = (micro: number) => ({ credits: micro / MICRO_PER_CREDIT });

const failureFields = ({ code, message }: Failure) => ({
  failure: message,
  failureCode: FAILURE_CODES[code] ?? `INTERNAL.${code}`,
});
