import type { TimelineEntry } from "@visgate_ai/client";
import { describe, expect, test } from "vitest";
import { fromWire } from "../../../client/src/wire-format.js";
import { alertView } from "../../../shared/src/contract/alert.js";
import { alertFeedEvent, budgetFeedEvent, requestFeedEvent } from "../../../shared/src/contract/feed.js";
import { modelView } from "../../../shared/src/contract/model.js";
import {
  budgetThreshold,
  budgetView,
  dashboardAnswer,
  quoteAnswer,
  receipt,
  recountAnswer,
  usageAnswer,
} from "../../../shared/src/contract/money.js";
import { apiKeyView, organizationView } from "../../../shared/src/contract/organization.js";
import { acknowledgement, cancelAnswer, requestInput, requestWithInput } from "../../../shared/src/contract/request.js";
import { timelineEntry } from "../../../shared/src/contract/timeline.js";
import { videoResult } from "../../../shared/src/contract/video.js";
import { fromApiNames, timelineRows, toApiNames } from "./api-fields.js";

describe("toApiNames", () => {
  const SCHEMAS = [
    requestFeedEvent,
    budgetFeedEvent,
    budgetThreshold,
    alertFeedEvent("alert.opened"),
    alertView,
    modelView,
    acknowledgement,
    cancelAnswer,
    requestWithInput,
    requestInput,
    videoResult,
    ...timelineEntry.options,
    ...[usageAnswer, dashboardAnswer, quoteAnswer, receipt, budgetView, apiKeyView, organizationView, recountAnswer],
  ];
  const names = SCHEMAS.flatMap((schema) => Object.keys(schema.shape));

  test.each([...new Set(names)])("gives %s back the name that it had before the client read it", (name) => {
    expect(toApiNames(fromWire({ [name]: null }))).toEqual({ [name]: null });
  });

  test("leaves the keys of maps unchanged at every depth", () => {
    const wire = {
      requests: [{ metadata: { orderId: "1", order_id: "2" }, output_urls: ["a_b"] }],
      params: { text: { aspect_ratio: { allowedValues: [1] } } },
      price: { unit: "second", micro: 1, when: [{ params: { generate_audio: true, bitRate: 2 }, micro: 2 }] },
    };
    expect(toApiNames(fromWire(wire))).toEqual(wire);
    const usage = { total_requests: 3, by_model: { "a/modelName_2": 3 }, by_provider: { some_name: 3 } };
    expect(toApiNames(fromWire(usage))).toEqual(usage);
  });
});

test("fromApiNames: reads an answer as the client does", () => {
  const wire = { id: "acme", time_zone: "UTC", differences: [{ counter_name: 1 }], metadata: { order_id: "1" } };
  expect(fromApiNames(wire)).toEqual(fromWire(wire));
});

test("timelineRows: show the search for a lost submit, and why a copy failed", () => {
  const entry = <T extends object>(ms: number, more: T) => ({
    ...{ at: "2026-01-01T00:00:00.000Z", ms, worker: "w-1" },
    ...more,
  });
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
