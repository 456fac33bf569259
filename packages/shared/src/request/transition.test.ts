import { describe, expect, test } from "vitest";
import {
  failure,
  intendedRecord,
  intent,
  pendingRecord,
  processingRecord,
  renderedRecord,
  submitIntended,
  T0,
} from "../../../../tests/support/records.js";
import type { Output, RequestRecord } from "./record.js";
import { TRANSITIONS, type TransitionName } from "./state.js";
import { reduce, type Transition } from "./transition.js";

const following = (overrides: Partial<RequestRecord> = {}) =>
  pendingRecord({
    cache: { hash: "h", reason: "joined", leaderId: "leader", sharedFrom: null, avoidedCostMicro: 0 },
    heldMicro: 0,
    ...overrides,
  });

const output: Output = { kind: "stored", key: "acme/r/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };

/** One transition of each name. */
const SAMPLES: { [Name in TransitionName]: Extract<Transition, { name: Name }> } = {
  missed: { name: "missed", at: T0 + 400 },
  queued: { name: "queued", queuePosition: 4 },
  submit_intended: submitIntended({ at: T0 + 10, awaitsReport: true }),
  submit_rejected: { name: "submit_rejected", attempt: 1 },
  submit_accepted: { name: "submit_accepted", at: T0 + 100, attempt: 1, providerRequestId: "job-1" },
  observed: { name: "observed", progress: 0.5, queuePosition: 2 },
  rendered: {
    name: "rendered",
    at: T0 + 800,
    outputs: [{ url: "https://x.example.com/0" }],
    withheld: 0,
    costMicro: 7,
    costSource: "provider",
  },
  submit_lost: { name: "submit_lost", at: T0 + 60, attempt: 1, until: T0 + 120_060, submitEnded: true },
  copy_begun: { name: "copy_begun" },
  copy_failed: { name: "copy_failed", copies: [{ output: null, lastingFaults: 1 }], error: "HTTP 404" },
  completed: { name: "completed", at: T0 + 900, outputs: [output] },
  failed: { name: "failed", at: T0 + 900, failure: failure(), billedMicro: null },
  fell_back: { name: "fell_back", at: T0 + 900, attempt: 1, failure: failure() },
  cancel_requested: { name: "cancel_requested", at: T0 + 50 },
  shared: {
    ...{ name: "shared", at: T0 + 700, outputs: [output], costMicro: 9 },
    source: { organization: "acme", id: "leader" },
  },
  rejoined: { name: "rejoined", leaderId: "another" },
  promoted: { name: "promoted" },
  settled: { name: "settled", costMicro: 7 },
  hold_expired: { name: "hold_expired" },
};

/** The fields that the transition changed; null when the record refuses it. */
function changedFields(record: RequestRecord, transition: Transition): Partial<RequestRecord> | null {
  const after = reduce(record, transition);
  if (after === null) return null;
  const changed = Object.entries(after).filter(([key, value]) => value !== record[key as keyof RequestRecord]);
  return Object.fromEntries(changed);
}

describe("each transition changes its own fields and no other", () => {
  test("submit_intended stores the intent and holds the charge", () => {
    expect(changedFields(pendingRecord(), SAMPLES.submit_intended)).toEqual({
      intent: intent({ attempt: 1, at: T0 + 10 }),
      attempts: 1,
      awaitsReport: true,
      chargeState: "held",
    });
  });

  test("submit_rejected clears the intent and the charge, and keeps the count of attempts", () => {
    expect(changedFields(intendedRecord(), SAMPLES.submit_rejected)).toEqual({ intent: null, chargeState: "none" });
  });

  test("submit_lost starts the search, with the charge unknown", () => {
    expect(changedFields(intendedRecord(), SAMPLES.submit_lost)).toEqual({
      search: { since: T0 + 60, until: T0 + 120_060, submitEnded: true },
      chargeState: "unknown",
    });
  });

  test("accepted stores the provider's id and moves the request to processing", () => {
    const fields = { status: "processing", providerRequestId: "job-1", startedAt: T0 + 100 };
    expect(changedFields(intendedRecord(), SAMPLES.submit_accepted)).toEqual(fields);
  });

  test("observed stores progress and queue position", () => {
    expect(changedFields(processingRecord(), SAMPLES.observed)).toEqual({ progress: 0.5, queuePosition: 2 });
  });

  test("rendered stores the result and the cost", () => {
    expect(changedFields(processingRecord(), SAMPLES.rendered)).toEqual({
      rendered: {
        outputs: [{ url: "https://x.example.com/0" }],
        copyAttempts: 0,
        at: T0 + 800,
        withheld: 0,
        copies: [],
      },
      costMicro: 7,
      costSource: "provider",
      chargeState: "charged",
      heldMicro: 0,
    });
  });

  test("copy_begun counts the attempt, copy_failed stores its result", () => {
    const record = renderedRecord();
    const begun = reduce(record, SAMPLES.copy_begun);
    const failed = begun && reduce(begun, SAMPLES.copy_failed);
    expect(begun?.rendered).toEqual({ ...record.rendered, copyAttempts: 1 });
    expect(failed?.rendered).toEqual({ ...record.rendered, copyAttempts: 1, copies: SAMPLES.copy_failed.copies });
    expect(failed?.status).toBe("processing");
  });

  test("completed stores the outputs and ends the request", () => {
    expect(changedFields(renderedRecord({ queuePosition: 1, progress: 0.9 }), SAMPLES.completed)).toEqual({
      status: "completed",
      outputs: [output],
      completedAt: T0 + 900,
      progress: 1,
      queuePosition: null,
    });
  });

  test("failed before anything was sent charges nothing", () => {
    const fields = { status: "failed", failure: SAMPLES.failed.failure, completedAt: T0 + 900, heldMicro: 0 };
    expect(changedFields(pendingRecord(), SAMPLES.failed)).toEqual(fields);
  });

  test("failed clears the queue position and stores no output", () => {
    const after = reduce(processingRecord({ queuePosition: 3 }), SAMPLES.failed);
    expect(after).toMatchObject({ queuePosition: null, outputs: [] });
  });

  test.each([pendingRecord(), intendedRecord(), processingRecord(), renderedRecord()])(
    "cancel_requested is stored once, and keeps the status ($status)",
    (record) => {
      expect(changedFields(record, SAMPLES.cancel_requested)).toEqual({ cancelRequestedAt: T0 + 50 });
      const asked = reduce(record, SAMPLES.cancel_requested);
      expect(asked && reduce(asked, { name: "cancel_requested", at: T0 + 60 })).toBeNull();
    },
  );

  test("shared stores the other request's output and the avoided cost", () => {
    const record = following();
    expect(changedFields(record, SAMPLES.shared)).toEqual({
      status: "completed",
      outputs: [output],
      completedAt: T0 + 700,
      progress: 1,
      cache: { ...record.cache, leaderId: null, sharedFrom: SAMPLES.shared.source, avoidedCostMicro: 9 },
    });
  });

  test("rejoined changes the leader; promoted removes it and makes the request a miss", () => {
    const record = following();
    expect(changedFields(record, SAMPLES.rejoined)).toEqual({ cache: { ...record.cache, leaderId: "another" } });
    expect(changedFields(record, SAMPLES.promoted)).toEqual({
      cache: { ...record.cache, reason: "miss", leaderId: null },
      heldMicro: record.estimatedCostMicro,
    });
  });

  test("the given record is not modified", () => {
    const record = Object.freeze(renderedRecord());
    reduce(record, SAMPLES.copy_failed);
    reduce(record, SAMPLES.copy_begun);
    reduce(record, SAMPLES.completed);
    expect(record).toEqual(renderedRecord({ id: record.id }));
  });
});

describe("a terminal record refuses every transition", () => {
  const ended = [
    reduce(renderedRecord(), SAMPLES.completed),
    reduce(processingRecord(), SAMPLES.failed),
    reduce(pendingRecord(), SAMPLES.failed),
  ];
  test.each(TRANSITIONS)("%s", (name) => {
    for (const record of ended) expect(record && reduce(record, SAMPLES[name])).toBeNull();
    expect(ended).not.toContain(null);
  });
});

describe("at most one submit is open", () => {
  test("a second intent is refused while the first is open, whatever its attempt number", () => {
    for (const attempt of [1, 2, 3]) {
      expect(reduce(intendedRecord(), submitIntended({ at: T0 + 20, attempt }))).toBeNull();
    }
  });

  test("an intent must have the next attempt number", () => {
    const rejectedTwice = pendingRecord({ attempts: 2 });
    for (const attempt of [0, 1, 2, 4]) {
      expect(reduce(rejectedTwice, submitIntended({ at: T0, attempt }))).toBeNull();
    }
    expect(reduce(rejectedTwice, submitIntended({ at: T0, attempt: 3 }))?.attempts).toBe(3);
  });

  test("accepted and submit_rejected are refused without an intent, and for any attempt that is not open", () => {
    for (const transition of [SAMPLES.submit_accepted, SAMPLES.submit_rejected]) {
      expect(reduce(pendingRecord(), transition)).toBeNull();
      expect(reduce(intendedRecord({ attempts: 2, intent: intent({ attempt: 2, at: T0 }) }), transition)).toBeNull();
    }
  });

  test("a late answer to a rejected attempt is refused while the next attempt is open", () => {
    const rejected = reduce(intendedRecord(), SAMPLES.submit_rejected);
    const again = rejected && reduce(rejected, submitIntended({ at: T0 + 500, attempt: 2 }));
    expect(again?.intent).toEqual(intent({ attempt: 2, at: T0 + 500 }));
    expect(again && reduce(again, SAMPLES.submit_accepted)).toBeNull();
    expect(again && reduce(again, { ...SAMPLES.submit_accepted, attempt: 2 })?.status).toBe("processing");
  });

  test("the provider's id is never replaced, and an accepted submit is never rejected", () => {
    expect(reduce(processingRecord(), { ...SAMPLES.submit_accepted, providerRequestId: "job-2" })).toBeNull();
    expect(reduce(processingRecord(), SAMPLES.submit_rejected)).toBeNull();
    expect(reduce(processingRecord(), submitIntended({ at: T0 + 200, attempt: 2 }))).toBeNull();
  });

  test("an answer after the request has failed is refused", () => {
    const givenUp = reduce(intendedRecord(), { ...SAMPLES.failed, failure: failure({ code: "SUBMIT_UNKNOWN" }) });
    expect(givenUp && reduce(givenUp, SAMPLES.submit_accepted)).toBeNull();
  });
});

describe("a submit whose outcome is not known", () => {
  const lost = reduce(intendedRecord(), SAMPLES.submit_lost) ?? intendedRecord();

  test("is never submitted again, and is lost only once", () => {
    for (const attempt of [1, 2]) expect(reduce(lost, submitIntended({ at: T0 + 99, attempt }))).toBeNull();
    expect(reduce(lost, { ...SAMPLES.submit_lost, until: T0 + 999_999 })).toBeNull();
  });

  test("continues when its job is found, with the charge held again", () => {
    expect(changedFields(lost, SAMPLES.submit_accepted)).toEqual({
      ...{ status: "processing", providerRequestId: "job-1", startedAt: T0 + 100 },
      ...{ search: null, chargeState: "held" },
    });
  });

  test("allows the next attempt after late proof that the provider did not accept it", () => {
    const rejected = reduce(lost, SAMPLES.submit_rejected);
    expect(rejected).toMatchObject({ intent: null, search: null, chargeState: "none" });
    expect(rejected && reduce(rejected, submitIntended({ at: T0 + 99, attempt: 2 }))).not.toBeNull();
  });

  test("fails with the charge unknown when its job is not found", () => {
    const unknown = failure({ code: "SUBMIT_UNKNOWN", charged: null });
    expect(reduce(lost, { ...SAMPLES.failed, failure: unknown })).toMatchObject({
      ...{ status: "failed", chargeState: "unknown", search: null },
    });
  });
});

describe("one request leads, the others follow", () => {
  test("a follower makes no submit", () => {
    expect(reduce(following(), SAMPLES.submit_intended)).toBeNull();
    const promoted = reduce(following(), SAMPLES.promoted);
    expect(promoted && reduce(promoted, SAMPLES.submit_intended)).not.toBeNull();
  });

  test.each(["shared", "rejoined", "promoted"] as const)(
    "%s is refused for a request that follows no leader",
    (name) => {
      expect(reduce(pendingRecord(), SAMPLES[name])).toBeNull();
      expect(reduce(intendedRecord(), SAMPLES[name])).toBeNull();
      const promoted = reduce(following(), SAMPLES.promoted);
      expect(promoted && reduce(promoted, SAMPLES[name])).toBeNull();
    },
  );
});

describe("rendering", () => {
  test("completed without rendered is refused", () => {
    expect(reduce(processingRecord(), SAMPLES.completed)).toBeNull();
  });

  test.each(["copy_begun", "copy_failed"] as const)("%s without rendered is refused", (name) => {
    expect(reduce(processingRecord(), SAMPLES[name])).toBeNull();
  });

  test("rendered is accepted once: a second poll does not change the cost", () => {
    expect(reduce(renderedRecord(), { ...SAMPLES.rendered, costMicro: 9 })).toBeNull();
  });

  test.each([
    { had: null, seen: 0.3, shown: 0.3 },
    { had: 0.3, seen: 0.6, shown: 0.6 },
    { had: 0.6, seen: 0.3, shown: 0.6 },
    { had: 0.6, seen: null, shown: 0.6 },
    { had: null, seen: null, shown: null },
  ])("progress never goes back: $had, then $seen, shows $shown", ({ had, seen, shown }) => {
    const after = reduce(processingRecord({ progress: had }), { name: "observed", progress: seen, queuePosition: 1 });
    expect(after?.progress).toBe(shown);
    expect(after?.queuePosition).toBe(1);
  });

  test("an observation that changes nothing is not written", () => {
    const record = processingRecord({ progress: 0.5, queuePosition: 2 });
    expect(reduce(record, { name: "observed", progress: 0.5, queuePosition: 2 })).toBeNull();
    expect(reduce(record, { name: "observed", progress: 0.4, queuePosition: 2 })).toBeNull();
    expect(reduce(record, { name: "observed", progress: null, queuePosition: null })).not.toBeNull();
  });
});

describe("what a failed request costs", () => {
  const estimatedCostMicro = 1_200_000;
  const none = { chargeState: "none", costMicro: 0 };
  const unknown = { chargeState: "unknown", costMicro: 0 };
  const released = { chargeState: "released", costMicro: 0 };
  const estimate = { chargeState: "charged", costMicro: estimatedCostMicro };
  const settled = { chargeState: "charged", costMicro: 5 };
  const rejected = pendingRecord({ attempts: 1, estimatedCostMicro });
  const rendered = renderedRecord({ costMicro: 5, estimatedCostMicro });

  test.each([
    { when: "nothing was sent", record: pendingRecord({ estimatedCostMicro }), charged: true, money: none },
    { when: "nothing was sent", record: pendingRecord({ estimatedCostMicro }), charged: null, money: none },
    { when: "the only submit was rejected", record: rejected, charged: true, money: none },
    { when: "a submit is open", record: intendedRecord({ estimatedCostMicro }), charged: null, money: unknown },
    { when: "a submit is open", record: intendedRecord({ estimatedCostMicro }), charged: false, money: released },
    { when: "it was accepted", record: processingRecord({ estimatedCostMicro }), charged: true, money: estimate },
    { when: "it was accepted", record: processingRecord({ estimatedCostMicro }), charged: false, money: released },
    { when: "it was accepted", record: processingRecord({ estimatedCostMicro }), charged: null, money: unknown },
    { when: "it was rendered", record: rendered, charged: false, money: settled },
    { when: "it was rendered", record: rendered, charged: null, money: settled },
    { when: "it was rendered", record: rendered, charged: true, money: settled },
  ])("$when, charged=$charged: $money", ({ record, charged, money }) => {
    const transition = { name: "failed", at: T0 + 900, failure: failure({ charged }), billedMicro: null } as const;
    expect(reduce(record, transition)).toMatchObject({ status: "failed", ...money });
  });
});

describe("a failure is retryable only when nothing was and nothing may have been spent", () => {
  test.each([
    { record: pendingRecord(), charged: null, retryable: true },
    { record: processingRecord(), charged: false, retryable: true },
    { record: processingRecord(), charged: null, retryable: false },
    { record: processingRecord(), charged: true, retryable: false },
    { record: renderedRecord(), charged: false, retryable: false },
  ])("$record.status, charged=$charged: retryable=$retryable", ({ record, charged, retryable }) => {
    const transition = { ...SAMPLES.failed, failure: failure({ charged, retryable: true }) };
    expect(reduce(record, transition)?.failure?.retryable).toBe(retryable);
    expect(reduce(record, { ...transition, failure: failure({ charged, retryable: false }) })?.failure?.retryable).toBe(
      false,
    );
  });
});

test("failed: a failure that the provider bills costs what the provider says, not the estimate", () => {
  const record = processingRecord({ estimatedCostMicro: 9 });
  const transition = { name: "failed", at: T0, failure: failure({ charged: true }), billedMicro: 42 } as const;
  expect(reduce(record, transition)).toMatchObject({ chargeState: "charged", costMicro: 42, costSource: "provider" });
});

test.each([
  { what: "a cancel request", record: pendingRecord({ cancelRequestedAt: T0 }) },
  { what: "the deadline", record: pendingRecord({ deadlineAt: T0 + 10 }) },
])("submit_intended is refused after $what", ({ record }) => {
  expect(reduce(record, SAMPLES.submit_intended)).toBeNull();
});
