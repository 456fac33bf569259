import { describe, expect, test } from "vitest";
import { failure, intendedRecord, pendingRecord, processingRecord, T0 } from "../../../../tests/support/records.js";
import { ERROR_STATUS, FAILURE_CODES } from "../errors.js";
import { failureStatus, isUnsettled } from "./failure-status.js";
import type { ChargeState } from "./record.js";
import { reduce } from "./transition.js";

const CHARGES: ChargeState[] = ["none", "held", "charged", "released", "unknown"];
/** The statuses that generated clients repeat on their own. */
const isRepeatedByClients = (status: number) => status === 408 || status === 409 || status === 429 || status >= 500;

const table = FAILURE_CODES.flatMap((code) =>
  CHARGES.flatMap((chargeState) => [true, false].map((retryable) => ({ code, chargeState, retryable }))),
);

describe("the law of status codes, over every failure", () => {
  test.each(table)("$code, $chargeState, retryable=$retryable", ({ code, chargeState, retryable }) => {
    const status = failureStatus(failure({ code, retryable }), chargeState);
    const isFree = chargeState === "none" || chargeState === "released";
    if (isRepeatedByClients(status)) expect({ isFree, retryable }).toEqual({ isFree: true, retryable: true });
    if (code === "SUBMIT_UNKNOWN" || code === "OUTPUT_UNAVAILABLE") expect(status).toBe(424);
    if (code === "CONTENT_POLICY_VIOLATION") expect(status).toBe(422);
    expect([424, ERROR_STATUS[code]]).toContain(status);
  });

  test.each([
    { code: "PROVIDER_ERROR", status: 502 },
    { code: "PROVIDER_TIMEOUT", status: 504 },
    { code: "RATE_LIMIT_ERROR", status: 429 },
  ] as const)(
    "$code keeps its status $status when nothing was spent and a later call may succeed",
    ({ code, status }) => {
      for (const chargeState of ["none", "released"] as const)
        expect(failureStatus(failure({ code, retryable: true }), chargeState)).toBe(status);
    },
  );

  test("a refused input keeps its 422 only when nothing was spent", () => {
    const refused = failure({ code: "VALIDATION_ERROR", retryable: false });
    expect([failureStatus(refused, "released"), failureStatus(refused, "unknown")]).toEqual([422, 424]);
  });
});

describe("isUnsettled", () => {
  const lost =
    reduce(intendedRecord(), { name: "submit_lost", at: T0, attempt: 1, until: T0 + 1, submitEnded: true }) ??
    pendingRecord();
  const endedAs = (chargeState: ChargeState) => processingRecord({ status: "failed", chargeState });

  test.each([
    { what: "a pending request", record: pendingRecord(), unsettled: false },
    { what: "a submit under way", record: intendedRecord(), unsettled: false },
    { what: "a lost submit", record: lost, unsettled: true },
    { what: "a lost submit that was found", record: processingRecord(), unsettled: false },
    { what: "failed, unknown", record: endedAs("unknown"), unsettled: true },
    { what: "failed, charged", record: endedAs("charged"), unsettled: true },
    { what: "failed, released", record: endedAs("released"), unsettled: false },
    { what: "failed, none", record: endedAs("none"), unsettled: false },
    { what: "completed, charged", record: { ...endedAs("charged"), status: "completed" as const }, unsettled: false },
  ])("$what: $unsettled", ({ record, unsettled }) => {
    expect(isUnsettled(record)).toBe(unsettled);
  });
});
