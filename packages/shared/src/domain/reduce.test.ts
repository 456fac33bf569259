import { describe, expect, test } from "vitest";
import {
  failure,
  intendedRecord,
  pendingRecord,
  processingRecord,
  renderedRecord,
  T0,
} from "../../../../tests/support/records.js";
import { type RequestEvent, reduce } from "./reduce.js";
import type { Output, RequestRecord } from "./request.js";
import { EVENTS, type EventName } from "./state.js";

const following = (overrides: Partial<RequestRecord> = {}) =>
  pendingRecord({
    cache: { hash: "h", reason: "joined", leaderId: "leader", sharedFrom: null, avoidedCostMicro: 0 },
    ...overrides,
  });

const output: Output = { kind: "stored", key: "acme/r/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };

/** One event of each name, as it fits the record of `apply` below. */
const SAMPLES: { [Name in EventName]: Extract<RequestEvent, { name: Name }> } = {
  missed: { name: "missed", at: T0 + 400 },
  submit_intended: { name: "submit_intended", at: T0 + 10, attempt: 1, token: "token", awaitsWebhook: true },
  submit_rejected: { name: "submit_rejected", attempt: 1 },
  accepted: { name: "accepted", at: T0 + 100, attempt: 1, providerRequestId: "job-1" },
  observed: { name: "observed", progress: 0.5, queuePosition: 2 },
  rendered: {
    name: "rendered",
    at: T0 + 800,
    outputs: [{ url: "https://x.example.com/0" }],
    costMicro: 7,
    costSource: "provider",
  },
  copy_failed: { name: "copy_failed" },
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
function change(record: RequestRecord, event: RequestEvent): Partial<RequestRecord> | null {
  const after = reduce(record, event);
  if (after === null) return null;
  const changed = Object.entries(after).filter(([key, value]) => value !== record[key as keyof RequestRecord]);
  return Object.fromEntries(changed);
}

describe("each event changes its own fields and no other", () => {
  test("submit_intended", () => {
    expect(change(pendingRecord(), SAMPLES.submit_intended)).toEqual({
      intent: { attempt: 1, at: T0 + 10, token: "token" },
      attempts: 1,
      awaitsWebhook: true,
      chargeState: "held",
    });
  });

  test("submit_rejected clears the intent, keeps the count of attempts, and owes nothing", () => {
    expect(change(intendedRecord(), SAMPLES.submit_rejected)).toEqual({ intent: null, chargeState: "none" });
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
      rendered: { outputs: [{ url: "https://x.example.com/0" }], copyAttempts: 0, at: T0 + 800 },
      costMicro: 7,
      costSource: "provider",
      chargeState: "charged",
    });
  });

  test("copy_failed counts", () => {
    const record = renderedRecord();
    const once = reduce(record, SAMPLES.copy_failed);
    const twice = once && reduce(once, SAMPLES.copy_failed);
    expect(once?.rendered?.copyAttempts).toBe(1);
    expect(twice?.rendered).toEqual({ ...record.rendered, copyAttempts: 2 });
    expect(twice?.status).toBe("processing");
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
  test.each(EVENTS)("%s", (name) => {
    for (const record of ended) expect(record && reduce(record, SAMPLES[name])).toBeNull();
    expect(ended).not.toContain(null);
  });
});

describe("at most one submit is open", () => {
  test("a second intent is refused while the first is open, whatever its number", () => {
    for (const attempt of [1, 2, 3]) {
      expect(
        reduce(intendedRecord(), {
          name: "submit_intended",
          at: T0 + 20,
          attempt,
          token: "token",
          awaitsWebhook: false,
        }),
      ).toBeNull();
    }
  });

  test("an intent must have the next number", () => {
    const rejectedTwice = pendingRecord({ attempts: 2 });
    for (const attempt of [0, 1, 2, 4]) {
      expect(
        reduce(rejectedTwice, { name: "submit_intended", at: T0, attempt, token: "token", awaitsWebhook: false }),
      ).toBeNull();
    }
    expect(
      reduce(rejectedTwice, { name: "submit_intended", at: T0, attempt: 3, token: "token", awaitsWebhook: false })
        ?.attempts,
    ).toBe(3);
  });

  test("accepted and rejected are refused without an intent, and for another attempt than the open one", () => {
    for (const event of [SAMPLES.accepted, SAMPLES.submit_rejected]) {
      expect(reduce(pendingRecord(), event)).toBeNull();
      expect(reduce(intendedRecord({ attempts: 2, intent: { attempt: 2, at: T0, token: "token" } }), event)).toBeNull();
    }
  });

  test("a late answer of an attempt that was rejected is refused, though a new one is open", () => {
    const rejected = reduce(intendedRecord(), SAMPLES.submit_rejected);
    const again =
      rejected &&
      reduce(rejected, { name: "submit_intended", at: T0 + 500, attempt: 2, token: "token", awaitsWebhook: false });
    expect(again?.intent).toEqual({ attempt: 2, at: T0 + 500, token: "token" });
    expect(again && reduce(again, SAMPLES.accepted)).toBeNull();
    expect(again && reduce(again, { ...SAMPLES.accepted, attempt: 2 })?.status).toBe("processing");
  });

  test("a provider's id is never replaced, and an accepted submit is never taken back", () => {
    expect(reduce(processingRecord(), { ...SAMPLES.accepted, providerRequestId: "job-2" })).toBeNull();
    expect(reduce(processingRecord(), SAMPLES.submit_rejected)).toBeNull();
    expect(
      reduce(processingRecord(), {
        name: "submit_intended",
        at: T0 + 200,
        attempt: 2,
        token: "token",
        awaitsWebhook: false,
      }),
    ).toBeNull();
  });

  test("an answer after the request was given up on changes nothing", () => {
    const givenUp = reduce(intendedRecord(), { ...SAMPLES.failed, failure: failure({ code: "SUBMIT_UNKNOWN" }) });
    expect(givenUp && reduce(givenUp, SAMPLES.accepted)).toBeNull();
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

  test("copy_failed without rendered is refused", () => {
    expect(reduce(processingRecord(), SAMPLES.copy_failed)).toBeNull();
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
