import { describe, expect, test } from "vitest";
import {
  failure,
  fallbackOf,
  intendedRecord,
  pendingRecord,
  processingRecord,
  renderedRecord,
  submitIntended,
  T0,
} from "../../../../tests/support/records.js";
import type { Failure } from "../errors.js";
import { asOf, changeOf } from "./change.js";
import type { RequestRecord } from "./record.js";
import { reduce, type Transition } from "./transition.js";

const fallback = fallbackOf("replicate/google/veo-3", "runway/gen4.5");
const fellBack = (overrides: { attempt?: number; failure?: Failure; at?: number } = {}): Transition => ({
  ...{ name: "fell_back", at: T0 + 900, attempt: 1, failure: failure() },
  ...overrides,
});

/** The record after its model failed unpaid; an error when it does not fall back. */
function after(record: RequestRecord, transition = fellBack({ attempt: record.attempts })): RequestRecord {
  const next = reduce(record, transition);
  if (next === null) throw new Error("it did not fall back");
  return next;
}

describe("fell_back", () => {
  test("continues with the next model, and keeps what happened to the one before", () => {
    const record = processingRecord({ fallback, progress: 0.4, awaitsReport: true });
    const next = after(record);
    expect(next).toMatchObject({
      ...{ status: "processing", model: "replicate/google/veo-3", provider: "replicate", endpoint: "google/veo-3" },
      ...{ attempts: 1, intent: null, providerRequestId: null, progress: null, awaitsReport: false },
      ...{ chargeState: "none", estimatedCostMicro: 7, heldMicro: 7, costMicro: 0 },
      input: { prompt: record.input.prompt, durationSeconds: 8 },
    });
    expect(next.fallback?.alternatives.map(({ model }) => model)).toEqual(["runway/gen4.5"]);
    expect(next.fallback?.tried).toEqual([
      {
        ...{ model: record.model, provider: record.provider, mode: "managed", durationSeconds: 6, lastAttempt: 1 },
        input: { durationSeconds: 6, size: null, count: null, params: {} },
        ...{ providerRequestId: "job-1", failure: failure(), chargeState: "released", at: T0 + 900 },
      },
    ]);
  });

  test.each([
    { when: "nothing was sent", record: pendingRecord({ fallback }) },
    { when: "the submit was rejected", record: intendedRecord({ fallback }) },
    { when: "the provider failed it unpaid", record: processingRecord({ fallback }) },
  ])("is allowed when $when, and keeps the status", ({ record }) => {
    expect(after(record).status).toBe(record.status);
  });

  const lost: Transition = { name: "submit_lost", at: T0 + 60, attempt: 1, until: T0 + 120_060, submitEnded: true };
  const refusals: { when: string; record: RequestRecord; transition?: Transition }[] = [
    { when: "it has no fallback", record: processingRecord() },
    { when: "no model is left", record: processingRecord({ fallback: { alternatives: [], tried: [] } }) },
    { when: "the outcome of the submit is not known", record: applied(intendedRecord({ fallback }), lost) },
    {
      when: "nobody knows whether the provider bills it",
      record: processingRecord({ fallback }),
      transition: fellBack({ failure: failure({ charged: null }) }),
    },
    {
      when: "the provider bills it",
      record: processingRecord({ fallback }),
      transition: fellBack({ failure: failure({ charged: true }) }),
    },
    { when: "it is rendered", record: renderedRecord({ fallback }) },
    { when: "it is to be cancelled", record: processingRecord({ fallback, cancelRequestedAt: T0 }) },
    { when: "its deadline has passed", record: processingRecord({ fallback, deadlineAt: T0 + 900 }) },
    {
      when: "another submit has begun since",
      record: intendedRecord({ fallback, attempts: 2 }),
    },
    {
      when: "it follows an equal request",
      record: pendingRecord({
        fallback,
        cache: { hash: "h", reason: "joined", leaderId: "leader", sharedFrom: null, avoidedCostMicro: 0 },
      }),
      transition: fellBack({ attempt: 0 }),
    },
    ...(["CANCELLED", "BUDGET_EXCEEDED", "INTERNAL_ERROR", "SUBMIT_UNKNOWN"] as const).map((code) => ({
      when: `it failed with ${code}`,
      record: processingRecord({ fallback }),
      transition: fellBack({ failure: failure({ code }) }),
    })),
  ];
  test.each(refusals)("is refused when $when", ({ record, transition = fellBack() }) => {
    expect(reduce(record, transition)).toBeNull();
  });

  test.each(["CONTENT_POLICY_VIOLATION", "VALIDATION_ERROR", "RATE_LIMIT_ERROR", "PROVIDER_ERROR"] as const)(
    "is allowed after %s",
    (code) => {
      expect(reduce(processingRecord({ fallback }), fellBack({ failure: failure({ code }) }))).not.toBeNull();
    },
  );
});

describe("the next model", () => {
  test("is submitted with the next attempt number, also while the request is processing", () => {
    const submitted = applied(after(processingRecord({ fallback })), submitIntended({ at: T0 + 950, attempt: 2 }));
    const accepted = applied(submitted, {
      name: "submit_accepted",
      at: T0 + 990,
      attempt: 2,
      providerRequestId: "job-2",
    });
    expect(accepted).toMatchObject({ status: "processing", providerRequestId: "job-2", startedAt: T0 + 990 });
  });

  test("never gets the job of the model before, which a late report may name", () => {
    const submitted = applied(after(processingRecord({ fallback })), submitIntended({ at: T0 + 950, attempt: 2 }));
    const late = { name: "submit_accepted", at: T0 + 990, attempt: 2, providerRequestId: "job-1" } as const;
    expect(reduce(submitted, late)).toBeNull();
  });

  test("fails with its charge unknown when its submit is lost, and no further model is tried", () => {
    const submitted = applied(after(intendedRecord({ fallback })), submitIntended({ at: T0 + 950, attempt: 2 }));
    const lost = { name: "submit_lost", at: T0 + 960, attempt: 2, until: T0 + 1000, submitEnded: true } as const;
    const searching = applied(submitted, lost);
    expect(reduce(searching, fellBack({ attempt: 2, failure: failure({ charged: null }) }))).toBeNull();
  });
});

test("a change shows the model of its moment", () => {
  const first = processingRecord({ fallback });
  const context = { at: T0 + 100, by: "worker-1" };
  const submitted = changeOf(
    intendedRecord({ fallback }),
    first,
    { name: "submit_accepted", at: T0 + 100, attempt: 1, providerRequestId: "job-1" },
    context,
  );
  const second = after(first);
  const moved = changeOf(first, second, fellBack(), context);
  if (submitted === null || moved === null) throw new Error("both transitions make a change");
  expect(asOf(second, submitted)).toMatchObject({ model: first.model, provider: "fal", providerRequestId: "job-1" });
  expect(asOf(second, moved)).toMatchObject({ provider: "replicate", providerRequestId: null, status: "processing" });
});

function applied(record: RequestRecord, transition: Transition): RequestRecord {
  const next = reduce(record, transition);
  if (next === null) throw new Error(`${transition.name} was refused`);
  return next;
}
