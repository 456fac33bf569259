/** The TypeScript SDK: every kind of failure raises its error class with all documented fields. */
import {
  AbortError,
  AuthenticationError,
  Client,
  type ClientOptions,
  ConnectionError,
  ProviderError,
  RateLimitError,
  TimeoutError,
  ValidationError,
  VisgateError,
} from "@visgate_ai/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
let proxy: FaultProxy;
beforeAll(async () => {
  test = await startTestStack();
  proxy = await startFaultProxy(test.stack.baseUrl);
});
afterAll(async () => {
  await proxy.close();
  await test.stop();
});
beforeEach(() => test.simulator.reset());

const clientOf = (options: ClientOptions = {}) =>
  new Client({ apiKey: test.stack.apiKey, baseUrl: proxy.url, ...options });
const MODEL = "fal-ai/veo3";
const FRESH = { cache: "off", durationSeconds: 4 } as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const failure = (call: Promise<unknown>): Promise<VisgateError> =>
  call.then(
    (value) => Promise.reject(new Error(`did not fail: ${JSON.stringify(value)}`)),
    (error) => error as VisgateError,
  );
const posts = () => proxy.seen.filter(({ method }) => method === "POST").length;

describe("a call that the gateway refuses", () => {
  it.each([["vg-wrong"], [""]])("key %j: AuthenticationError, without a retry", async (apiKey) => {
    const before = posts();
    const error = await failure(clientOf({ apiKey }).videos.generate(MODEL, "no key", FRESH));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({
      errorCode: "AUTHENTICATION_ERROR",
      statusCode: 401,
      retryable: false,
      requestId: null,
    });
    expect(error.httpRequestId).toMatch(UUID);
    expect(error.message).not.toContain("vg-wrong");
    expect(posts()).toBe(before + 1);
  });

  it("an unknown model: MODEL_NOT_FOUND", async () => {
    const error = await failure(clientOf().videos.generate("fal-ai/none", "a prompt", FRESH));
    expect(error.constructor).toBe(VisgateError);
    expect(error).toMatchObject({
      name: "VisgateError",
      errorCode: "MODEL_NOT_FOUND",
      statusCode: 404,
      retryable: false,
    });
    expect(error.idempotencyKey).toMatch(UUID);
  });

  it("an invalid field: ValidationError with the field and its allowed values", async () => {
    const error = await failure(clientOf().videos.generate(MODEL, "a prompt", { durationSeconds: 99 }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      ...{ name: "ValidationError", errorCode: "VALIDATION_ERROR", statusCode: 422, retryable: false },
      ...{ field: "duration_seconds", allowed: [4, 6, 8], details: { field: "duration_seconds", allowed: [4, 6, 8] } },
    });
    expect(await test.simulator.stats()).toMatchObject({ submits: 0 });
  });

  it("an unknown request: REQUEST_NOT_FOUND", async () => {
    const error = await failure(clientOf().requests.get("00000000-0000-7000-8000-000000000000"));
    expect(error).toMatchObject({ errorCode: "REQUEST_NOT_FOUND", statusCode: 404 });
  });

  it("delete before the end: NOT_TERMINAL; cancel after the end: ALREADY_TERMINAL", async () => {
    const client = clientOf();
    const request = await client.videos.generate(MODEL, "an end", { ...FRESH, preferAsync: true });
    expect(await failure(client.requests.delete(request.requestId))).toMatchObject({
      errorCode: "NOT_TERMINAL",
      statusCode: 409,
    });
    await request.wait();
    expect(await failure(client.requests.cancel(request.requestId))).toMatchObject({
      errorCode: "ALREADY_TERMINAL",
      statusCode: 409,
    });
  });

  it("one idempotency key for two contents: IDEMPOTENCY_CONFLICT", async () => {
    const client = clientOf();
    await client.videos.generate(MODEL, "one content", {
      ...FRESH,
      idempotencyKey: "a key for two",
      preferAsync: true,
    });
    const error = await failure(
      client.videos.generate(MODEL, "other content", { ...FRESH, idempotencyKey: "a key for two" }),
    );
    expect(error).toMatchObject({
      errorCode: "IDEMPOTENCY_CONFLICT",
      statusCode: 409,
      idempotencyKey: "a key for two",
    });
  });
});

describe("a failure of the provider", () => {
  it("a failed generation: ProviderError with provider and request, without a second submit", async () => {
    await test.simulator.settings({ disasters: [{ name: "fail" }] });
    const before = posts();
    const error = await failure(clientOf().videos.generate(MODEL, "a failure", FRESH));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({
      name: "ProviderError",
      errorCode: "PROVIDER_ERROR",
      statusCode: 502,
      provider: "fal",
    });
    expect(error.details).toMatchObject({
      provider: "fal",
      request_id: error.requestId,
      charge_state: expect.any(String),
    });
    expect(await clientOf().requests.get(error.requestId ?? "")).toMatchObject({
      status: "failed",
      errorMessage: error.message,
    });
    expect(posts()).toBe(before + 1);
  });

  it("refused content: ValidationError CONTENT_POLICY_VIOLATION", async () => {
    const error = await failure(clientOf().videos.generate(MODEL, "content policy test", FRESH));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ errorCode: "CONTENT_POLICY_VIOLATION", statusCode: 422, retryable: false });
  });

  it("a passed deadline: ProviderError PROVIDER_TIMEOUT", async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    const error = await failure(clientOf().videos.generate(MODEL, "a late one", { ...FRESH, deadlineSeconds: 1 }));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ errorCode: "PROVIDER_TIMEOUT", statusCode: 424, provider: "fal" });
  });

  it("a request that another client cancelled: CANCELLED", async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    const client = clientOf();
    const request = await client.videos.generate(MODEL, "to be cancelled", { ...FRESH, preferAsync: true });
    const ended = failure(request.wait());
    await client.requests.cancel(request.requestId);
    expect(await ended).toMatchObject({ errorCode: "CANCELLED", statusCode: 424, requestId: request.requestId });
  });
});

describe("a failure between client and gateway", () => {
  const limited = { answer: 429, headers: { "retry-after": "1" }, body: errorText("RATE_LIMIT_ERROR") };

  it("429 three times: RateLimitError with retryAfter; 429 once: retried after retryAfter", async () => {
    proxy.inject({ method: "POST", path: "/videos", kind: limited, times: 3 });
    const error = await failure(clientOf().videos.generate(MODEL, "limits", FRESH));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({
      name: "RateLimitError",
      errorCode: "RATE_LIMIT_ERROR",
      statusCode: 429,
      retryAfter: 1,
      retryable: true,
    });
    proxy.inject({ method: "POST", path: "/videos", kind: limited });
    const began = performance.now();
    await clientOf().videos.generate(MODEL, "limits", { ...FRESH, preferAsync: true });
    expect(performance.now() - began).toBeGreaterThanOrEqual(1000);
  });

  it("a Retry-After of an hour ends the call", async () => {
    proxy.inject({ method: "GET", path: "/models", kind: { ...limited, headers: { "retry-after": "3600" } } });
    expect(await failure(clientOf().models.list())).toMatchObject({ errorCode: "RATE_LIMIT_ERROR", retryAfter: 3600 });
  });

  it("a proxy's error page: its text does not get into the error", async () => {
    proxy.inject({
      method: "GET",
      path: "/auth",
      kind: { answer: 502, body: "<h1>secret-host is down</h1>" },
      times: 3,
    });
    const error = await failure(clientOf().me());
    expect(error).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", statusCode: 502, retryable: true });
    expect(error.message).not.toContain("secret-host");
  });

  it("a page with status 200: UNEXPECTED_ANSWER", async () => {
    proxy.inject({ method: "GET", path: "/auth", kind: { answer: 200, body: "<h1>Sign in</h1>" } });
    expect(await failure(clientOf().me())).toMatchObject({
      errorCode: "UNEXPECTED_ANSWER",
      statusCode: 200,
      retryable: false,
    });
  });

  it("cut connections: ConnectionError after maxRetries, all tries with one idempotency key", async () => {
    const before = proxy.seen.length;
    proxy.inject({ method: "POST", path: "/videos", kind: "cut_before", times: 2 });
    const error = await failure(clientOf({ maxRetries: 1, timeout: 400 }).videos.generate(MODEL, "cut", FRESH));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      name: "ConnectionError",
      errorCode: "CONNECTION_ERROR",
      statusCode: null,
      httpRequestId: null,
      retryable: true,
    });
    const keys = proxy.seen.slice(before).map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual([error.idempotencyKey, error.idempotencyKey]);
  });

  it("webhookEndpoints.create is not retried after a lost answer", async () => {
    const before = posts();
    proxy.inject({ method: "POST", path: "/webhook-endpoints", kind: "cut_answer" });
    const error = await failure(clientOf().webhookEndpoints.create({ url: "http://127.0.0.1:9/hook" }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(posts()).toBe(before + 1);
    expect(await clientOf().webhookEndpoints.list()).toHaveLength(1);
  });

  it("no answer in time: TimeoutError; repeating the call with its key makes one submit", async () => {
    proxy.inject({ method: "POST", path: "/videos", kind: "hold_answer", times: 2 });
    const hasty = clientOf({ timeout: 400, maxRetries: 1 });
    const error = await failure(hasty.videos.generate(MODEL, "a held answer", FRESH));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      name: "TimeoutError",
      errorCode: "CLIENT_TIMEOUT",
      statusCode: null,
      retryable: true,
    });
    const idempotencyKey = error.idempotencyKey ?? "";
    const result = await clientOf().videos.generate(MODEL, "a held answer", { ...FRESH, idempotencyKey });
    expect(result.videoUrl).toMatch(/^http/);
    expect(await test.simulator.stats()).toMatchObject({ submits: 1 });
  });

  it("the time limit of the wait: TimeoutError with the request, which continues", async () => {
    await test.simulator.settings({ render_seconds: 2 });
    const error = await failure(clientOf().videos.generate(MODEL, "takes its time", { ...FRESH, timeout: 500 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      errorCode: "CLIENT_TIMEOUT",
      retryable: true,
      requestId: expect.stringMatching(UUID),
    });
    expect((await clientOf().requests.wait(error.requestId ?? "")).status).toBe("completed");
  });
});

describe("a caller that gives up", () => {
  it("an abort: AbortError with the signal's reason; the request continues", async () => {
    const giveUp = new AbortController();
    const client = clientOf();
    const options = { ...FRESH, signal: giveUp.signal, onProgress: () => giveUp.abort(new Error("had enough")) };
    const error = await failure(client.videos.generate(MODEL, "goes on", options));
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({
      name: "AbortError",
      errorCode: "ABORTED",
      statusCode: null,
      cause: giveUp.signal.reason,
    });
    expect((await client.requests.wait(error.requestId ?? "")).status).toBe("completed");
  });

  it("an abort with cancelOnAbort: the request is cancelled at the gateway and at the provider", async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    const giveUp = new AbortController();
    const client = clientOf();
    const onProgress = ({ status }: { status: string }) => void (status === "processing" && giveUp.abort());
    const error = await failure(
      client.videos.generate(MODEL, "not wanted any more", {
        ...FRESH,
        signal: giveUp.signal,
        cancelOnAbort: true,
        onProgress,
      }),
    );
    expect(error).toBeInstanceOf(AbortError);
    expect(await client.requests.wait(error.requestId ?? "")).toMatchObject({
      status: "failed",
      errorCode: "CANCELLED",
    });
    expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 1 });
  });

  it("an abort with cancelOnAbort during the submit: its request is cancelled", async () => {
    const giveUp = new AbortController();
    const error = await failure(
      clientOf({
        async fetch(input, init) {
          const answer = fetch(input, init);
          if (init?.method === "POST") giveUp.abort();
          return answer;
        },
      }).videos.generate(MODEL, "aborted early", { ...FRESH, signal: giveUp.signal, cancelOnAbort: true }),
    );
    expect(error).toBeInstanceOf(AbortError);
    expect(await clientOf().requests.wait(error.requestId ?? "")).toMatchObject({ errorCode: "CANCELLED" });
  });

  it("an already aborted signal: nothing is sent", async () => {
    const before = proxy.seen.length;
    const error = await failure(clientOf().videos.generate(MODEL, "never", { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(AbortError);
    expect(proxy.seen.length).toBe(before);
  });

  it("close(): running calls and later calls fail with ABORTED", async () => {
    const client = clientOf();
    const request = await client.videos.generate(MODEL, "closed", { ...FRESH, preferAsync: true });
    const waiting = failure(request.wait());
    client.close();
    expect(await waiting).toMatchObject({ errorCode: "ABORTED", requestId: request.requestId });
    expect(await failure(client.me())).toBeInstanceOf(AbortError);
  });
});

function errorText(error: string): string {
  return JSON.stringify({ error, message: "too many calls", details: {} });
}
