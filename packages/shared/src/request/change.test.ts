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
  const transition = { name: "observed", progress, queuePosition } as const;
  const after = reduce(before, transition);
  return after && changeOf(before, after, transition, CONTEXT)?.name;
}

describe("changeOf", () => {
  test.each([
    { from: null, to: 0, entry: "progress" },
    { from: 0.1, to: 0.149, entry: undefined },
    { from: 0.1, to: 0.15, entry: "progress" },
    { from: 0.14, to: 0.15, entry: "progress" },
    { from: 0.15, to: 0.9, entry: "progress" },
    { from: 0.96, to: 1, entry: "progress" },
  ])("progress from $from to $to makes the entry $entry", ({ from, to, entry }) => {
    expect(observe(processingRecord({ progress: from }), to)).toBe(entry);
  });

  test("a thousand polls of one render make twenty-one entries", () => {
    let record = processingRecord();
    let entries = 0;
    for (let poll = 0; poll <= 1000; poll += 1) {
      if (observe(record, poll / 1000) === "progress") entries += 1;
      record = reduce(record, { name: "observed", progress: poll / 1000, queuePosition: null }) ?? record;
    }
    expect(entries).toBe(21);
  });

  test("each new queue position makes an entry, and so does the end of the queue", () => {
    expect(observe(processingRecord(), null, 3)).toBe("queued");
    expect(observe(processingRecord({ queuePosition: 3 }), null, 2)).toBe("queued");
    expect(observe(processingRecord({ queuePosition: 0 }), null, null)).toBe("progress");
  });

  test("an entry has its time, its process and the state of the record", () => {
    const before = processingRecord({ progress: 0.2 });
    const transition = { name: "cancel_requested", at: T0 } as const;
    expect(changeOf(before, reduce(before, transition) ?? before, transition, CONTEXT)).toEqual({
      ...{ name: "cancel_requested", at: T0 + 5, by: "worker-1", status: "processing", progress: 0.2 },
      ...{ queuePosition: null, chargeState: "held", attempts: 1 },
    });
  });
});

test("changeOf: a lost submit makes a visible entry", () => {
  const lost = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 1, submitEnded: true } as const;
  const before = intendedRecord();
  const change = changeOf(before, reduce(before, lost) ?? before, lost, CONTEXT);
  expect(change).toMatchObject({ name: "locating", chargeState: "unknown" });
  expect(change && isVisible(change)).toBe(true);
});

test("changeOf: a failed copy makes an entry with its reason, which is only in the time line", () => {
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

  test("hides everything that came after the change", () => {
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

  test("returns the record itself for the last change", () => {
    expect(at(ended)).toBe(ended);
  });
});

test("isVisible: true for changes of the public status, false for entries of the time line only", () => {
  const names = ["queued", "progress", "submitted", "rendered", "completed", "failed", "cancel_requested", "joined"];
  const visible = names.filter((name) =>
    isVisible(snapshot(pendingRecord(), { ...CONTEXT, name: name as "progress" })),
  );
  expect(visible).toEqual(names.slice(0, 6));
});
