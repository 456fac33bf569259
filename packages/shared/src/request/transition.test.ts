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
    ...overrides,
  });

const output: Output = { kind: "stored", key: "acme/r/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };

/** One event of each name, as it fits the record of `apply` below. */
const SAMPLES: { [Name in TransitionName]: Extract<Transition, { name: Name }> } = {
  missed: { name: "missed", at: T0 + 400 },
  submit_intended: submitIntended({ at: T0 + 10, awaitsWebhook: true }),
  submit_rejected: { name: "submit_rejected", attempt: 1 },
  accepted: { name: "accepted", at: T0 + 100, attempt: 1, providerRequestId: "job-1" },
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
  cancel_requested: { name: "cancel_requested", at: T0 + 50 },
  shared: {
    ...{ name: "shared", at: T0 + 700, outputs: [output], costMicro: 9 },
    source: { organization: "acme", id: "leader" },
  },
  rejoined: { name: "rejoined", leaderId: "another" },
  promoted: { name: "promoted" },
};

/** What changed, field by field; everything else must be as it was. */
function change(record: RequestRecord, event: Transition): Partial<RequestRecord> | null {
  const after = reduce(record, event);
  if (after === null) return null;
  const changed = Object.entries(after).filter(([key, value]) => value !== record[key as keyof RequestRecord]);
  return Object.fromEntries(changed);
}

describe("each event changes its own fields and no other", () => {
  test("submit_intended", () => {
    expect(change(pendingRecord(), SAMPLES.submit_intended)).toEqual({
      intent: intent({ attempt: 1, at: T0 + 10 }),
      attempts: 1,
      awaitsWebhook: true,
      chargeState: "held",
    });
  });

  test("submit_rejected clears the intent, keeps the count of attempts, and owes nothing", () => {
    expect(change(intendedRecord(), SAMPLES.submit_rejected)).toEqual({ intent: null, chargeState: "none" });
  });

  test("submit_lost: the charge is unknown during the search", () => {
    expect(change(intendedRecord(), SAMPLES.submit_lost)).toEqual({
      search: { since: T0 + 60, until: T0 + 120_060, submitEnded: true },
      chargeState: "unknown",
    });
  });

  test("accepted", () => {
    const fields = { status: "processing", providerRequestId: "job-1", startedAt: T0 + 100 };
    expect(change(intendedRecord(), SAMPLES.accepted)).toEqual(fields);
  });

  test("observed", () => {
    expect(change(processingRecord(), SAMPLES.observed)).toEqual({ progress: 0.5, queuePosition: 2 });
  });

  test("rendered settles the cost", () => {
    expect(change(processingRecord(), SAMPLES.rendered)).toEqual({
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

  test("completed", () => {
    expect(change(renderedRecord({ queuePosition: 1, progress: 0.9 }), SAMPLES.completed)).toEqual({
      status: "completed",
      outputs: [output],
      completedAt: T0 + 900,
      progress: 1,
      queuePosition: null,
    });
  });

  test("failed before anything was sent", () => {
    const fields = { status: "failed", failure: SAMPLES.failed.failure, completedAt: T0 + 900 };
    expect(change(pendingRecord(), SAMPLES.failed)).toEqual(fields);
  });

  test("failed takes the queue position away and leaves no output", () => {
    const after = reduce(processingRecord({ queuePosition: 3 }), SAMPLES.failed);
    expect(after).toMatchObject({ queuePosition: null, outputs: [] });
  });

  test.each([pendingRecord(), intendedRecord(), processingRecord(), renderedRecord()])(
    "cancel_requested is noted once, and moves no status ($status)",
    (record) => {
      expect(change(record, SAMPLES.cancel_requested)).toEqual({ cancelRequestedAt: T0 + 50 });
      const asked = reduce(record, SAMPLES.cancel_requested);
      expect(asked && reduce(asked, { name: "cancel_requested", at: T0 + 60 })).toBeNull();
    },
  );

  test("shared shows another's output, owes nothing and tells what was saved", () => {
    const record = following();
    expect(change(record, SAMPLES.shared)).toEqual({
      status: "completed",
      outputs: [output],
      completedAt: T0 + 700,
      progress: 1,
      cache: { ...record.cache, leaderId: null, sharedFrom: SAMPLES.shared.source, avoidedCostMicro: 9 },
    });
  });

  test("rejoined follows another leader, promoted none: it is a miss from then on", () => {
    const record = following();
    expect(change(record, SAMPLES.rejoined)).toEqual({ cache: { ...record.cache, leaderId: "another" } });
    expect(change(record, SAMPLES.promoted)).toEqual({ cache: { ...record.cache, reason: "miss", leaderId: null } });
  });

  test("the record given is not touched", () => {
    const record = Object.freeze(renderedRecord());
    reduce(record, SAMPLES.copy_failed);
    reduce(record, SAMPLES.copy_begun);
    reduce(record, SAMPLES.completed);
    expect(record).toEqual(renderedRecord({ id: record.id }));
  });
});

describe("a terminal record refuses every event", () => {
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
  test("a second intent is refused while the first is open, whatever its number", () => {
    for (const attempt of [1, 2, 3]) {
      expect(reduce(intendedRecord(), submitIntended({ at: T0 + 20, attempt }))).toBeNull();
    }
  });

  test("an intent must have the next number", () => {
    const rejectedTwice = pendingRecord({ attempts: 2 });
    for (const attempt of [0, 1, 2, 4]) {
      expect(reduce(rejectedTwice, submitIntended({ at: T0, attempt }))).toBeNull();
    }
    expect(reduce(rejectedTwice, submitIntended({ at: T0, attempt: 3 }))?.attempts).toBe(3);
  });

  test("accepted and rejected are refused without an intent, and for another attempt than the open one", () => {
    for (const event of [SAMPLES.accepted, SAMPLES.submit_rejected]) {
      expect(reduce(pendingRecord(), event)).toBeNull();
      expect(reduce(intendedRecord({ attempts: 2, intent: intent({ attempt: 2, at: T0 }) }), event)).toBeNull();
    }
  });

  test("a late answer of an attempt that was rejected is refused, though a new one is open", () => {
    const rejected = reduce(intendedRecord(), SAMPLES.submit_rejected);
    const again = rejected && reduce(rejected, submitIntended({ at: T0 + 500, attempt: 2 }));
    expect(again?.intent).toEqual(intent({ attempt: 2, at: T0 + 500 }));
    expect(again && reduce(again, SAMPLES.accepted)).toBeNull();
    expect(again && reduce(again, { ...SAMPLES.accepted, attempt: 2 })?.status).toBe("processing");
  });

  test("a provider's id is never replaced, and an accepted submit is never taken back", () => {
    expect(reduce(processingRecord(), { ...SAMPLES.accepted, providerRequestId: "job-2" })).toBeNull();
    expect(reduce(processingRecord(), SAMPLES.submit_rejected)).toBeNull();
    expect(reduce(processingRecord(), submitIntended({ at: T0 + 200, attempt: 2 }))).toBeNull();
  });

  test("an answer after the request was given up on changes nothing", () => {
    const givenUp = reduce(intendedRecord(), { ...SAMPLES.failed, failure: failure({ code: "SUBMIT_UNKNOWN" }) });
    expect(givenUp && reduce(givenUp, SAMPLES.accepted)).toBeNull();
  });
});

describe("a submit whose outcome is not known", () => {
  const lost = reduce(intendedRecord(), SAMPLES.submit_lost) ?? intendedRecord();

  test("is never intended again, and is lost once", () => {
    for (const attempt of [1, 2]) expect(reduce(lost, submitIntended({ at: T0 + 99, attempt }))).toBeNull();
    expect(reduce(lost, { ...SAMPLES.submit_lost, until: T0 + 999_999 })).toBeNull();
  });

  test("continues as usual when its job is found, with its charge held again", () => {
    expect(change(lost, SAMPLES.accepted)).toEqual({
      ...{ status: "processing", providerRequestId: "job-1", startedAt: T0 + 100 },
      ...{ search: null, chargeState: "held" },
    });
  });

  test("late proof that the provider did not accept it allows the next attempt", () => {
    const rejected = reduce(lost, SAMPLES.submit_rejected);
    expect(rejected).toMatchObject({ intent: null, search: null, chargeState: "none" });
    expect(rejected && reduce(rejected, submitIntended({ at: T0 + 99, attempt: 2 }))).not.toBeNull();
  });

  test("that is not found ends with its charge unknown, and the search ends", () => {
    const unknown = failure({ code: "SUBMIT_UNKNOWN", charged: null });
    expect(reduce(lost, { ...SAMPLES.failed, failure: unknown })).toMatchObject({
      ...{ status: "failed", chargeState: "unknown", search: null },
    });
  });
});

describe("one request leads, the others follow", () => {
  test("a follower submits nothing", () => {
    expect(reduce(following(), SAMPLES.submit_intended)).toBeNull();
    const promoted = reduce(following(), SAMPLES.promoted);
    expect(promoted && reduce(promoted, SAMPLES.submit_intended)).not.toBeNull();
  });

  test.each(["shared", "rejoined", "promoted"] as const)("%s is refused to who follows nobody", (name) => {
    expect(reduce(pendingRecord(), SAMPLES[name])).toBeNull();
    expect(reduce(intendedRecord(), SAMPLES[name])).toBeNull();
    const promoted = reduce(following(), SAMPLES.promoted);
    expect(promoted && reduce(promoted, SAMPLES[name])).toBeNull();
  });
});

describe("rendering", () => {
  test("completed without rendered is refused", () => {
    expect(reduce(processingRecord(), SAMPLES.completed)).toBeNull();
  });

  test.each(["copy_begun", "copy_failed"] as const)("%s without rendered is refused", (name) => {
    expect(reduce(processingRecord(), SAMPLES[name])).toBeNull();
  });

  test("rendered counts once: a second look at the provider does not change the cost", () => {
    expect(reduce(renderedRecord(), { ...SAMPLES.rendered, costMicro: 9 })).toBeNull();
  });

  test.each([
    { had: null, seen: 0.3, shown: 0.3 },
    { had: 0.3, seen: 0.6, shown: 0.6 },
    { had: 0.6, seen: 0.3, shown: 0.6 },
    { had: 0.6, seen: null, shown: 0.6 },
    { had: null, seen: null, shown: null },
  ])("progress never goes back: $had then $seen shows $shown", ({ had, seen, shown }) => {
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

describe("what a failure means for the money", () => {
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
  ])("$when and the failure says charged=$charged: $money", ({ record, charged, money }) => {
    const event = { name: "failed", at: T0 + 900, failure: failure({ charged }), billedMicro: null } as const;
    expect(reduce(record, event)).toMatchObject({ status: "failed", ...money });
  });
});

describe("a failure may be repeated only when nothing was or may have been spent", () => {
  test.each([
    { record: pendingRecord(), charged: null, retryable: true },
    { record: processingRecord(), charged: false, retryable: true },
    { record: processingRecord(), charged: null, retryable: false },
    { record: processingRecord(), charged: true, retryable: false },
    { record: renderedRecord(), charged: false, retryable: false },
  ])("$record.status, charged=$charged: retryable=$retryable", ({ record, charged, retryable }) => {
    const event = { ...SAMPLES.failed, failure: failure({ charged, retryable: true }) };
    expect(reduce(record, event)?.failure?.retryable).toBe(retryable);
    expect(reduce(record, { ...event, failure: failure({ charged, retryable: false }) })?.failure?.retryable).toBe(
      false,
    );
  });
});

test("a failure the provider bills costs what it says, not what was estimated", () => {
  const record = processingRecord({ estimatedCostMicro: 9 });
  const event = { name: "failed", at: T0, failure: failure({ charged: true }), billedMicro: 42 } as const;
  expect(reduce(record, event)).toMatchObject({ chargeState: "charged", costMicro: 42, costSource: "provider" });
});

test.each([
  { what: "a cancel was asked for", record: pendingRecord({ cancelRequestedAt: T0 }) },
  { what: "the deadline has come", record: pendingRecord({ deadlineAt: T0 + 10 }) },
])("no submit is intended once $what", ({ record }) => {
  expect(reduce(record, SAMPLES.submit_intended)).toBeNull();
});
