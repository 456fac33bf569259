import { describe, expect, it } from "vitest";
import { fromWire, toWire } from "./case.js";

describe("names on the wire and here", () => {
  it("answers become camelCase at every depth, in lists too", () => {
    const wire = { request_id: "1", latency_ms: 5, attempts: [{ http_status: 200 }], output_url: null };
    expect(fromWire(wire)).toEqual({
      requestId: "1",
      latencyMs: 5,
      attempts: [{ httpStatus: 200 }],
      outputUrl: null,
    });
  });

  it("keys of maps are the caller's own", () => {
    const wire = { metadata: { order_id: "7" }, queues: { my_queue: { in_flight: 1 } } };
    expect(fromWire(wire)).toEqual(wire);
  });

  it("fields become snake_case, params inside stay, what is undefined is not sent", () => {
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
