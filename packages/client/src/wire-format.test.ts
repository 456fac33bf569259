import { describe, expect, it } from "vitest";
import { fromWire, toWire } from "./wire-format.js";

describe("fromWire", () => {
  it("renames fields to camelCase at every depth, inside lists as well", () => {
    const wire = { request_id: "1", latency_ms: 5, attempts: [{ http_status: 200 }], output_url: null };
    expect(fromWire(wire)).toEqual({
      requestId: "1",
      latencyMs: 5,
      attempts: [{ httpStatus: 200 }],
      outputUrl: null,
    });
  });

  it("keeps the keys of maps, which belong to the caller", () => {
    const wire = { metadata: { order_id: "7" }, queues: { my_queue: { in_flight: 1 } } };
    expect(fromWire(wire)).toEqual(wire);
  });
});

describe("toWire", () => {
  it("renames fields to snake_case, keeps the keys inside params, and drops undefined fields", () => {
    const fields = {
      imageUrl: "u",
      skipGcsUpload: true,
      params: { aspectRatio: "9:16" },
      seed: undefined,
      cache: null,
    };
    expect(toWire(fields)).toEqual({
      image_url: "u",
      skip_gcs_upload: true,
      params: { aspectRatio: "9:16" },
      cache: null,
    });
  });
});
