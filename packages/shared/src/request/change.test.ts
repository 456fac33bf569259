import { describe, expect, test } from "vitest";
import {
  intendedRecord,
  pendingRecord,
  processingRecord,
  renderedRecord,
  T0,
} from "../../../../tests/support/records.js";
import { asOf, changeOf, isVisible, snapshot } from "./change.js";
import type { RequestRecord } from "./record.js";
import { reduce, type Transition } from "./transition.js";

const CONTEXT = { at: T0 + 5, by: "worker-1" };

function observe(before: RequestRecord, progress: number | null, queuePosition: number | null = null) {
  const event = { name: "observed", progress, queuePosition } as const;
  const after = reduce(before, event);
  return after && changeOf(before, after, event, CONTEXT)?.name;
}

describe("changeOf", () => {
  test.each([
    { from: null, to: 0, told: "progress" },
    { from: 0.1, to: 0.149, told: undefined },
    { from: 0.1, to: 0.15, told: "progress" },
    { from: 0.14, to: 0.15, told: "progress" },
    { from: 0.15, to: 0.9, told: "progress" },
    { from: 0.96, to: 1, told: "progress" },
  ])("progress from $from to $to: $told", ({ from, to, told }) => {
    expect(observe(processingRecord({ progress: from }), to)).toBe(told);
  });

  test("a render of a thousand looks is told in twenty-one steps", () => {
    let record = processingRecord();
    let told = 0;
    for (let look = 0; look <= 1000; look += 1) {
      if (observe(record, look / 1000) === "progress") told += 1;
      record = reduce(record, { name: "observed", progress: look / 1000, queuePosition: null }) ?? record;
    }
    expect(told).toBe(21);
  });

  test("each queue position is told, and that the queue is left", () => {
    expect(observe(processingRecord(), null, 3)).toBe("queued");
    expect(observe(processingRecord({ queuePosition: 3 }), null, 2)).toBe("queued");
    expect(observe(processingRecord({ queuePosition: 0 }), null, null)).toBe("progress");
  });

  test("tells when, who and how it was", () => {
    const before = processingRecord({ progress: 0.2 });
    const event = { name: "cancel_requested", at: T0 } as const;
    expect(changeOf(before, reduce(before, event) ?? before, event, CONTEXT)).toEqual({
      ...{ name: "cancel_requested", at: T0 + 5, by: "worker-1", status: "processing", progress: 0.2 },
      ...{ queuePosition: null, chargeState: "held", attempts: 1 },
    });
  });
});

test("a lost submit and a failed copy are told, the latter with its reason and not to those who follow the status", () => {
  const lost = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 1, submitEnded: true } as const;
  const before = intendedRecord();
  const told = changeOf(before, reduce(before, lost) ?? before, lost, CONTEXT);
  expect(told).toMatchObject({ name: "locating", chargeState: "unknown" });
  expect(told && isVisible(told)).toBe(true);

  const copyFailed: Transition = { name: "copy_failed", copies: [], error: "HTTP 404" };
  const rendered = renderedRecord();
  const failed = changeOf(rendered, reduce(rendered, copyFailed) ?? rendered, copyFailed, CONTEXT);
  expect(failed).toMatchObject({ name: "copy_failed", error: "HTTP 404" });
  expect(failed && isVisible(failed)).toBe(false);
});

describe("asOf", () => {
  const ended = renderedRecord({
    ...{ status: "completed", completedAt: T0 + 900, progress: 1, costMicro: 7 },
    outputs: [{ kind: "remote", url: "https://x.example.com/0" }],
  });
  const at = (record: RequestRecord) => asOf(ended, snapshot(record, { name: "progress", ...CONTEXT }));

  test("shows nothing of what came later", () => {
    expect(at(pendingRecord({ id: ended.id }))).toMatchObject({
      ...{ status: "pending", startedAt: null, providerRequestId: null, outputs: [], completedAt: null },
      ...{ progress: null, costMicro: 0, chargeState: "none" },
    });
    expect(at(processingRecord({ progress: 0.4 }))).toMatchObject({
      ...{ status: "processing", startedAt: ended.startedAt, providerRequestId: "job-1", progress: 0.4 },
      ...{ outputs: [], costMicro: 0, chargeState: "held" },
    });
    expect(at(renderedRecord({ progress: 0.4 }))).toMatchObject({ costMicro: 7, chargeState: "charged", outputs: [] });
  });

  test("is the record itself at the end", () => {
    expect(at(ended)).toBe(ended);
  });
});

test("what alters the status of a request is visible, the rest is for the time line", () => {
  const names = ["queued", "progress", "submitted", "rendered", "completed", "failed", "cancel_requested", "joined"];
  const visible = names.filter((name) =>
    isVisible(snapshot(pendingRecord(), { ...CONTEXT, name: name as "progress" })),
  );
  expect(visible).toEqual(names.slice(0, 6));
});
