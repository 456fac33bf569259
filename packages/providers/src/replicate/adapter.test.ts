import type { RequestListener } from "node:http";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { describe, expect, test } from "vitest";
import { adapterConformance } from "../../../../tests/support/adapter-conformance.js";
import { adapterAgainst, jsonAnswer, wireCall, wireConformance } from "../../../../tests/support/adapter-wire.js";
import { startListener } from "../../../../tests/support/listeners.js";
import { createReplicateAdapter } from "./adapter.js";

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });

const now = () => 1_767_225_600_000;
const createAdapter = (baseUrl: string) =>
  createReplicateAdapter({ baseUrl, urls: {}, settings: null, fetch: kept.fetch, freshFetch: fresh.fetch, now });
const VEO = "google/veo-3";

const input = (prompt: string, fields: object = {}, endpoint = VEO) => {
  return { endpoint, body: { prompt, duration: 4, ...fields }, reportUrl: null };
};
const text = input("a bird flying over the sea");
const failWith = (message: string) => ({ name: "fail", message });
const FAILED = { code: "PROVIDER_ERROR", retryable: true, charged: null } as const;

describe("Replicate adapter with the simulator", () => {
  adapterConformance({
    createAdapter,
    mountPath: "/replicate/v1",
    text,
    prompted: input,
    otherModel: `${VEO}-fast`,
    locates: "certain",
    flagged: { charged: null, bill: null },
    textOnTheWire: { input: text.body },
    image: (image) => input("the bird turns its head", { image }),
    pictures: {
      input: {
        endpoint: "black-forest-labs/flux-schnell",
        body: { prompt: "two birds", num_outputs: 2 },
        reportUrl: null,
      },
      count: 2,
    },
    unknownEndpoint: input("x", {}, "google/no-such-model"),
    bill: { counts: { second: 4 } },
    reportsProgress: true,
    cancelledRunning: "requested",
    uploads: true,
    currency: null,
    failures: [
      {
        title: "refused prompt: CONTENT_POLICY_VIOLATION",
        input: input("a content policy test"),
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
        bill: null,
      },
      {
        title: "output refused after the render: CONTENT_POLICY_VIOLATION",
        disaster: { name: "late_moderation" },
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
      },
      { title: "failure without a code: may be retried", disaster: { name: "fail" }, failure: FAILED },
      {
        title: "out of memory: must not be retried",
        disaster: failWith("CUDA ran out (E1001)"),
        failure: { ...FAILED, retryable: false },
      },
      {
        title: "model that did not start in time: may be retried",
        disaster: failWith("Failed to start (E6716)"),
        failure: FAILED,
      },
      {
        title: "success without an output: fails, and is billed",
        disaster: { name: "output_missing" },
        failure: { ...FAILED, charged: true },
        bill: { counts: { second: 4 } },
      },
    ],
  });
});

describe("Replicate adapter with other answers", () => {
  wireConformance({ createAdapter, input: text, accepted: { status: "starting" }, idField: "id", lists: true });
});

describe("Replicate adapter: answers that only Replicate gives", () => {
  const against = (answer: RequestListener) => adapterAgainst(createAdapter, answer);
  const job = { endpoint: VEO, id: "job-1" };
  const seen = { id: "job-1", status: "processing", output: null, error: null, logs: "", started_at: "2026-01-01" };
  async function polled(fields: object) {
    const { adapter } = await against(jsonAnswer(200, { ...seen, ...fields }));
    return adapter.poll(job, wireCall());
  }

  /** The call that a submit sends. */
  async function sent(submit: object): Promise<{ url: string | undefined; headers: object; body: unknown }> {
    return new Promise((resolve) => {
      const listening = against(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        resolve({ url: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
        jsonAnswer(201, seen)(request, response);
      });
      listening.then(({ adapter }) => adapter.submit({ ...text, ...submit }, wireCall()));
    });
  }

  test("submit of a model: uses its name, and has no Prefer header and no webhook", async () => {
    const { url, headers, body } = await sent({});
    expect(url).toBe("/models/google/veo-3/predictions");
    expect(body).toEqual({ input: text.body });
    expect(headers).toMatchObject({ authorization: "Bearer id:secret" });
    expect(headers).not.toHaveProperty("prefer");
  });

  test("submit of a version: uses its id, and asks for a webhook only at the end", async () => {
    const { url, body } = await sent({ endpoint: "acme/clip:abc123", reportUrl: "https://example.com/hook" });
    expect(url).toBe("/predictions");
    expect(body).toEqual({
      version: "abc123",
      input: text.body,
      webhook: "https://example.com/hook",
      webhook_events_filter: ["completed"],
    });
  });

  test("submit: sends a data URI unchanged, and the key only in its header", async () => {
    const image = "data:image/jpeg;base64,AAAA";
    const { body } = await sent({ body: { prompt: "x", image } });
    expect(body).toEqual({ input: { prompt: "x", image } });
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  test("submit answered by 429: returns retry_after of the body", async () => {
    const { adapter } = await against(jsonAnswer(429, { detail: "throttled", status: 429, retry_after: 9 }));
    expect(await adapter.submit(text, wireCall())).toMatchObject({ kind: "rejected", retryAfterMs: 9000 });
  });

  test.each([
    { logs: "", progress: null },
    { logs: "Loading 100 % of 3 weights\n", progress: null },
    { logs: " 10%|#   | 5/50\n 76%|### | 38/50 [00:33<00:10]", progress: 0.76 },
    { logs: "  0%|    | 0/50\r 42%|##  | 21/50\rstill at it", progress: 0.42 },
    { logs: "100%|####| 50/50\n  4%|    | 2/50", progress: 0.04 },
    { logs: "999%|####|", progress: 1 },
    { logs: null, progress: null },
    { logs: 7, progress: null },
  ])("poll: the logs $logs give a progress of $progress", async ({ logs, progress }) => {
    expect(await polled({ logs })).toEqual({ kind: "running", progress });
  });

  const A = "https://replicate.delivery/a.mp4";
  const B = "https://replicate.delivery/b.mp4";
  test.each([
    { output: A, urls: [A] },
    { output: [A, B], urls: [A, B] },
    { output: { url: A, seed: 7 }, urls: [A] },
    { output: [{ url: A }, B], urls: [A, B] },
    { output: [A, null, "not a URL"], urls: [A] },
  ])("poll: the output $output has the URLs $urls", async ({ output, urls }) => {
    const outputs = urls.map((url) => ({ url }));
    expect(await polled({ status: "succeeded", output })).toEqual({
      kind: "succeeded",
      outputs,
      withheld: 0,
      bill: null,
    });
  });

  test.each([
    { metrics: { predict_time: 5.2, total_time: 6 }, bill: null },
    { metrics: { predict_time: 5.2, video_output_duration_seconds: 8 }, bill: { counts: { second: 8 } } },
    { metrics: { image_output_count: 2 }, bill: { counts: { image: 2 } } },
    { metrics: { video_output_count: 1, video_output_duration_seconds: 0 }, bill: { counts: { video: 1, second: 0 } } },
    { metrics: { image_output_count: -2, video_output_count: "many" }, bill: null },
    { metrics: "none", bill: null },
  ])("poll: the metrics $metrics give the bill $bill", async ({ metrics, bill }) => {
    expect(await polled({ status: "succeeded", output: A, metrics })).toMatchObject({ kind: "succeeded", bill });
    expect(await polled({ status: "succeeded", output: null, metrics })).toMatchObject({
      ...{ kind: "failed", failure: { charged: bill === null ? null : true }, bill },
    });
    expect(await polled({ status: "failed", error: "x", metrics })).toMatchObject({ kind: "failed", bill: null });
  });

  test.each([null, undefined, [[]], "", "a text", 7, {}, "file:///etc/passwd", { url: "javascript:alert(1)" }])(
    "poll: the output %j is a failure",
    async (output) => {
      const result = await polled({ status: "succeeded", output });
      expect(result).toMatchObject({ kind: "failed", failure: FAILED });
    },
  );

  test("poll: the message for deleted data says that Replicate no longer keeps the output", async () => {
    const result = await polled({ status: "succeeded", output: null, data_removed: true });
    expect(JSON.stringify(result)).toContain("no longer keeps the output");
  });

  test.each([
    { error: "The input was flagged as sensitive. (E005)", code: "CONTENT_POLICY_VIOLATION", retryable: false },
    { error: "Prediction failed (E005).", code: "CONTENT_POLICY_VIOLATION", retryable: false },
    { error: "NSFW content detected. Try another prompt.", code: "CONTENT_POLICY_VIOLATION", retryable: false },
    { error: "out of memory (E1001)", code: "PROVIDER_ERROR", retryable: false },
    { error: "unknown (E1000)", code: "PROVIDER_ERROR", retryable: true },
    { error: "see E00512", code: "PROVIDER_ERROR", retryable: true },
    { error: null, code: "PROVIDER_ERROR", retryable: true },
    { error: { nested: "E1001" }, code: "PROVIDER_ERROR", retryable: true },
  ])("poll: the error $error is $code", async ({ error, code, retryable }) => {
    expect(await polled({ status: "failed", error })).toMatchObject({
      kind: "failed",
      failure: { code, retryable, charged: null },
      bill: null,
    });
  });

  test("poll: the message of a failure has the error's code and no other text of it", async () => {
    const result = JSON.stringify(await polled({ status: "failed", error: "internals of acme (E6716)" }));
    expect(result).toContain("(E6716)");
    expect(result).not.toContain("internals");
  });

  test.each([
    { status: "canceled", started_at: null, failure: { code: "CANCELLED", retryable: false, charged: false } },
    { status: "canceled", started_at: "2026", failure: { code: "CANCELLED", retryable: false, charged: null } },
    { status: "canceled", started_at: undefined, failure: { code: "CANCELLED", retryable: false, charged: null } },
    { status: "aborted", started_at: null, failure: { code: "PROVIDER_TIMEOUT", retryable: true, charged: false } },
  ])(
    "poll: the status $status, started at $started_at, is $failure.code with charged $failure.charged",
    async ({ failure, ...fields }) => {
      expect(await polled(fields)).toMatchObject({ kind: "failed", failure });
    },
  );

  test.each([
    { answer: { ...seen, status: "succeeded" }, result: "too_late" },
    { answer: { ...seen, status: "failed" }, result: "too_late" },
    { answer: { ...seen, status: "canceled", started_at: null }, result: "cancelled" },
    { answer: { ...seen, status: "canceled" }, result: "requested" },
    { answer: { ...seen, status: "aborted", started_at: null }, result: "cancelled" },
    { answer: seen, result: "requested" },
    { status: 404, answer: {}, result: "too_late" },
    { status: 422, answer: {}, result: "too_late" },
  ])("cancel answered by $status $answer.status: is $result", async ({ status = 200, answer, result }) => {
    const { adapter, asked } = await against(jsonAnswer(status, answer));
    expect(await adapter.cancel(job, wireCall())).toBe(result);
    expect(asked).toEqual(["POST /predictions/job-1/cancel"]);
  });

  test.each([401, 429, 500])("cancel answered by %i: throws after one call", async (status) => {
    const { adapter, asked } = await against(jsonAnswer(status, seen));
    await expect(adapter.cancel(job, wireCall())).rejects.toThrow(`HTTP ${status}`);
    expect(asked).toHaveLength(1);
  });

  test("upload: sends the bytes in one POST, and returns the URL of the file", async () => {
    const received: string[] = [];
    const listener = await startListener(async (request, response) => {
      for await (const chunk of request) received.push(String(chunk));
      jsonAnswer(201, { id: "f", urls: { get: "https://api.replicate.com/v1/files/f" } })(request, response);
    });
    const image = { bytes: new Uint8Array(Buffer.from("the bytes")), contentType: "image/png" };
    expect(await createAdapter(listener.origin).upload(image, wireCall())).toEqual({
      kind: "uploaded",
      url: "https://api.replicate.com/v1/files/f",
    });
    expect(listener.asked).toEqual(["POST /files"]);
    expect(received.join("")).toMatch(/filename="input.png"\r\nContent-Type: image\/png\r\n\r\nthe bytes\r\n/);
    await listener.close();
  });
});
