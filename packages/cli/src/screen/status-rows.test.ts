import type { TimelineEntry } from "@visgate_ai/client";
import { expect, test } from "vitest";
import { timelineRows } from "./status-rows.js";

const entry = <T extends object>(ms: number, one: T) => ({ at: "2026-01-01T00:00:00.000Z", ms, worker: "w-1", ...one });

test("a time line tells of the search for a lost submit, and why a copy failed", () => {
  const timeline: TimelineEntry[] = [
    entry(1200, { name: "locating" as const }),
    entry(3400, { name: "submitted" as const, attempt: 1, providerRequestId: "p-1" }),
    entry(9000, { name: "copy_failed" as const, error: "The output is empty." }),
  ];
  expect(timelineRows(timeline)).toEqual([
    ["1.2 s", "locating", "worker=w-1"],
    ["3.4 s", "submitted", "worker=w-1 attempt=1 provider_request_id=p-1"],
    ["9.0 s", "copy_failed", "worker=w-1 error=The output is empty."],
  ]);
});
