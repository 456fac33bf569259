import type { RequestListener } from "node:http";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { describe, expect, test } from "vitest";
import { adapterConformance } from "../../../../tests/support/adapter-conformance.js";
import { adapterAgainst, jsonAnswer, wireCall, wireConformance } from "../../../../tests/support/adapter-wire.js";
import { createFalAdapter } from "./adapter.js";

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });

const now = () => 1_767_225_600_000;
const createAdapter = (baseUrl: string) =>
  createFalAdapter({
    baseUrl,
    urls: { platform: `${baseUrl}/platform/v1`, storage: baseUrl },
    settings: null,
    fetch: kept.fetch,
    freshFetch: fresh.fetch,
    now,
  });
const VEO = "fal-ai/veo3";

const input = (prompt: string, fields: object = {}, endpoint = VEO) => {
  return { endpoint, body: { prompt, duration: "4s", ...fields }, reportUrl: null };
};
const text = input("a bird flying over the sea");
const fail = (status: number, type: string) => ({ name: "fail", status, type });

describe("fal adapter with the simulator", () => {
  adapterConformance({
    createAdapter,
    mountPath: "/fal",
    text,
    prompted: input,
    otherModel: `${VEO}/fast`,
    locates: "likely",
    flagged: { charged: true, bill: { units: 2 } },
    textOnTheWire: text.body,
    image: (url) => input("the bird turns its head", { image_url: url }, `${VEO}/image-to-video`),
    pictures: {
      input: { endpoint: "fal-ai/flux/schnell", body: { prompt: "two birds", num_images: 2 }, reportUrl: null },
      count: 2,
    },
    unknownEndpoint: input("x", {}, "fal-ai/no-such-model"),
    bill: { units: 4 },
    reportsProgress: true,
    cancelledRunning: "requested",
    uploads: true,
    currency: null,
    failures: [
      {
        title: "prompt refused before the render: is not billed",
        input: input("a content policy test"),
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: false },
        bill: { units: 0 },
      },
      {
        title: "invalid input: is not billed",
        input: input("x", { duration: "5s" }),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
      },
      {
        title: "image that cannot be read: VALIDATION_ERROR",
        disaster: fail(422, "image_load_error"),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
      },
      {
        title: "model error: may be retried",
        disaster: fail(500, "internal_server_error"),
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: false },
      },
      {
        title: "lost runner: may be retried",
        disaster: fail(503, "runner_disconnected"),
        failure: { code: "PROVIDER_ERROR", retryable: true },
      },
      {
        title: "bad request: must not be retried",
        disaster: fail(400, "bad_request"),
        failure: { retryable: false },
      },
      {
        title: "render that took too long: PROVIDER_TIMEOUT",
        disaster: fail(504, "generation_timeout"),
        failure: { code: "PROVIDER_TIMEOUT", retryable: true },
      },
      {
        title: "request that waited too long: PROVIDER_TIMEOUT",
        disaster: fail(504, "request_timeout"),
        failure: { code: "PROVIDER_TIMEOUT", retryable: true },
      },
      {
        title: "no media generated: must not be retried",
        disaster: fail(422, "no_media_generated"),
        failure: { code: "PROVIDER_ERROR", retryable: false },
      },
      {
        title: "success without an output: fails, and is billed",
        disaster: { name: "output_missing" },
        failure: { code: "PROVIDER_ERROR", charged: true },
        bill: { units: 4 },
      },
      {
        title: "output refused after the render: is billed",
        disaster: { name: "late_moderation" },
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: true },
        bill: { units: 4 },
      },
    ],
  });
});

describe("fal adapter with other answers", () => {
  wireConformance({ createAdapter, input: text, accepted: { status: "IN_QUEUE" }, idField: "request_id", lists: true });
});

describe("fal adapter: answers that only fal gives", () => {
  /** Answers COMPLETED for the status, and `result` for the result. */
  const completedWith =
    (result: RequestListener): RequestListener =>
    (request, response) =>
      request.url?.includes("/status")
        ? jsonAnswer(200, { status: "COMPLETED" })(request, response)
        : result(request, response);
  const against = (answer: RequestListener) => adapterAgainst(createAdapter, answer);
  const job = { endpoint: "fal-ai/veo3/image-to-video", id: "job-1" };

  test("submit: sends the webhook URL in the query", async () => {
    const { adapter, asked } = await against(jsonAnswer(200, { request_id: "job-1" }));
    await adapter.submit({ ...text, reportUrl: "https://example.com/hook?a=b&c=d" }, wireCall());
    expect(asked).toEqual([`POST /fal-ai/veo3?fal_webhook=${encodeURIComponent("https://example.com/hook?a=b&c=d")}`]);
  });

  test("poll: uses only the first two segments of the endpoint", async () => {
    const { adapter, asked } = await against(jsonAnswer(200, { status: "IN_QUEUE", queue_position: 2 }));
    expect(await adapter.poll(job, wireCall())).toEqual({ kind: "queued", position: 2 });
    expect(asked[0]).toMatch(/^GET \/fal-ai\/veo3\/requests\/job-1\/status/);
  });

  const line = (message: unknown) => ({ message, level: "STDERR", source: "USER", timestamp: "2026-09-01T00:00:00Z" });
  test.each([
    { what: "no logs", logs: undefined, progress: null },
    { what: "empty logs", logs: [], progress: null },
    { what: "null", logs: null, progress: null },
    { what: "lines without a bar", logs: [line("Loading 12 files"), line("GPU memory: 45 %")], progress: null },
    { what: "a bar", logs: [line("  5%|5         | 1/20"), line(" 40%|####      | 8/20")], progress: 0.4 },
    { what: "a bar with a title", logs: [line("Diffusing:  45%|####5     | 9/20 [00:04<00:05]")], progress: 0.45 },
    { what: "a bar before other lines", logs: [line("70%|#######   | 7/10"), line("decoding frames")], progress: 0.7 },
    { what: "a line that is not text", logs: [line("50%|#####     | 1/2"), line(7), null], progress: 0.5 },
  ])("poll: with $what in the logs, the progress is $progress", async ({ logs, progress }) => {
    const { adapter, asked } = await against(jsonAnswer(200, { status: "IN_PROGRESS", logs }));
    expect(await adapter.poll(job, wireCall())).toEqual({ kind: "running", progress });
    expect(asked[0]).toMatch(/[?]logs=1$/);
  });

  test("poll: a status with an error type is a failure, without a call for the result", async () => {
    const status = { status: "COMPLETED", error: "internals", error_type: "request_timeout" };
    const { adapter, asked } = await against(jsonAnswer(200, status));
    const result = await adapter.poll(job, wireCall());
    expect(result).toMatchObject({ kind: "failed", failure: { code: "PROVIDER_TIMEOUT" }, bill: null });
    expect(asked).toHaveLength(1);
  });

  test.each([
    { what: "503 of a gateway", status: 503, body: { detail: "Service unavailable" } },
    { what: "502 of a gateway", status: 502, body: "<html>" },
    { what: "429", status: 429, body: { detail: "slow down" } },
    { what: "a result that is not ready", status: 400, body: { detail: "Request is still in progress" } },
    { what: "a refused key", status: 401, body: { detail: "invalid key credentials" } },
  ])("poll: $what in place of the result is unavailable, not a failure", async ({ status, body }) => {
    const { adapter } = await against(completedWith(jsonAnswer(status, body)));
    expect((await adapter.poll(job, wireCall())).kind).toBe("unavailable");
  });

  test("poll: when the status has an error without a type, the result has the failure and its bill", async () => {
    const hit = { detail: [{ type: "content_policy_violation" }] };
    const { adapter } = await against((request, response) =>
      request.url?.includes("/status")
        ? jsonAnswer(200, { status: "COMPLETED", error: "Invalid status code: 422" })(request, response)
        : jsonAnswer(422, hit, { "x-fal-billable-units": "4" })(request, response),
    );
    const failure = { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: true };
    expect(await adapter.poll(job, wireCall())).toMatchObject({ kind: "failed", failure, bill: { units: 4 } });
  });

  test("submit refused by the content policy: is CONTENT_POLICY_VIOLATION, and nothing is charged", async () => {
    const { adapter } = await against(jsonAnswer(422, { detail: [{ type: "content_policy_violation" }] }));
    const failure = { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: false };
    expect(await adapter.submit(text, wireCall())).toMatchObject({ kind: "rejected", failure });
  });

  test("poll: an image without a URL is left out, and the other images are returned", async () => {
    const images = [{ url: null }, { url: "https://v3.fal.media/a.png" }];
    const { adapter } = await against(completedWith(jsonAnswer(200, { images })));
    const outputs = [{ url: "https://v3.fal.media/a.png" }];
    expect(await adapter.poll(job, wireCall())).toMatchObject({ kind: "succeeded", outputs });
  });

  test.each([
    { flags: [true, false], shown: ["b"], withheld: 1 },
    { flags: [false, false], shown: ["a", "b"], withheld: 0 },
    { flags: [false], shown: ["a", "b"], withheld: 0 },
    { flags: [null, "true"], shown: ["a", "b"], withheld: 0 },
    { flags: false, shown: ["a", "b"], withheld: 0 },
    { flags: "true", shown: ["a", "b"], withheld: 0 },
    { flags: undefined, shown: ["a", "b"], withheld: 0 },
  ])("poll: with has_nsfw_concepts $flags, $withheld images are withheld", async ({ flags, shown, withheld }) => {
    const [a, b] = ["https://v3.fal.media/a", "https://v3.fal.media/b"];
    const body = { images: [{ url: a }, { url: b }], has_nsfw_concepts: flags };
    const { adapter } = await against(completedWith(jsonAnswer(200, body)));
    const outputs = shown.map((name) => ({ url: `https://v3.fal.media/${name}` }));
    expect(await adapter.poll(job, wireCall())).toEqual({ kind: "succeeded", outputs, withheld, bill: null });
  });

  const PICTURE = { url: "https://v3.fal.media/a.png" };
  test.each([
    { body: { images: [PICTURE], has_nsfw_concepts: [true] }, units: "1", charged: true, bill: { units: 1 } },
    { body: { images: [PICTURE, PICTURE], has_nsfw_concepts: true }, units: "0", charged: false, bill: { units: 0 } },
    { body: { image: PICTURE, has_nsfw_concepts: [true] }, units: undefined, charged: null, bill: null },
    { body: { images: [], has_nsfw_concepts: [true] }, units: "1", charged: true, bill: { units: 1 } },
    { body: { images: [{ url: null }], has_nsfw_concepts: [true] }, units: "1", charged: true, bill: { units: 1 } },
  ])(
    "poll: $body with $units billed units is a failure, because all images are flagged",
    async ({ body, units, charged, bill }) => {
      const headers = units === undefined ? {} : { "x-fal-billable-units": units };
      const { adapter } = await against(completedWith(jsonAnswer(200, body, headers)));
      const message = "fal filtered the output of this request by its content policy.";
      const failure = { code: "CONTENT_POLICY_VIOLATION", message, retryable: false, charged };
      expect(await adapter.poll(job, wireCall())).toEqual({ kind: "failed", failure, bill });
    },
  );

  test("poll: a flag does not withhold a video", async () => {
    const video = { url: "https://v3.fal.media/a.mp4" };
    const { adapter } = await against(completedWith(jsonAnswer(200, { video, has_nsfw_concepts: true })));
    expect(await adapter.poll(job, wireCall())).toMatchObject({ kind: "succeeded", outputs: [video], withheld: 0 });
  });

  test("poll: an HTML page in place of the result is unavailable, and 404 is missing", async () => {
    const page = await against(completedWith(jsonAnswer(200, "<html>")));
    expect((await page.adapter.poll(job, wireCall())).kind).toBe("unavailable");
    const gone = await against(completedWith(jsonAnswer(404, { detail: "Request not found" })));
    expect((await gone.adapter.poll(job, wireCall())).kind).toBe("missing");
  });

  test("poll: for a content policy violation without units, the charge is unknown", async () => {
    const hit = { detail: [{ type: "content_policy_violation", msg: "internals" }] };
    const { adapter } = await against(completedWith(jsonAnswer(422, hit)));
    expect(await adapter.poll(job, wireCall())).toMatchObject({
      kind: "failed",
      failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
      bill: null,
    });
  });

  test("poll: returns Retry-After, in seconds or as a date", async () => {
    let header = "7";
    const { adapter } = await against((request, response) =>
      jsonAnswer(429, {}, { "retry-after": header })(request, response),
    );
    expect(await adapter.poll(job, wireCall())).toMatchObject({ kind: "unavailable", retryAfterMs: 7000 });
    header = new Date(now() + 30_000).toUTCString();
    expect(await adapter.poll(job, wireCall())).toMatchObject({ kind: "unavailable", retryAfterMs: 30_000 });
  });

  test.each([
    { what: "no header", headers: {}, bill: null },
    { what: "6 units", headers: { "x-fal-billable-units": "6" }, bill: { units: 6 } },
    { what: "0 units", headers: { "x-fal-billable-units": "0" }, bill: { units: 0 } },
    { what: "a header that is not a number", headers: { "x-fal-billable-units": "many" }, bill: null },
    { what: "a negative number", headers: { "x-fal-billable-units": "-3" }, bill: null },
  ])("poll: $what gives the bill $bill", async ({ headers, bill }) => {
    const body = { video: { url: "https://v3.fal.media/a.mp4" } };
    const { adapter } = await against(completedWith(jsonAnswer(200, body, headers)));
    const outputs = [{ url: "https://v3.fal.media/a.mp4" }];
    expect(await adapter.poll(job, wireCall())).toEqual({ kind: "succeeded", outputs, withheld: 0, bill });
  });

  test.each(["javascript:alert(1)", "file:///etc/passwd", "ftp://x/y", "", 7])(
    "poll: an output with the URL %s is a failure",
    async (url) => {
      const { adapter } = await against(completedWith(jsonAnswer(200, { video: { url } })));
      expect((await adapter.poll(job, wireCall())).kind).toBe("failed");
    },
  );
});
