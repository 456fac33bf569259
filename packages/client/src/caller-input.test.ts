/** Options, ids and callbacks of the caller: checked before anything is sent, and never changed. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  acknowledged,
  clientOf,
  eventText,
  failure,
  firstOf,
  gateway,
  never,
  refusal,
  status,
  statusBody,
  streamOf,
} from "../test-support/gateway.js";
import { VisgateError } from "./errors.js";

afterEach(() => void vi.useRealTimers());

class Decimal {
  readonly n: number;
  constructor(n: number) {
    this.n = n;
  }
  toJSON() {
    return this.n;
  }
}

describe("the body of a generation", () => {
  it("is made once: retries and replays send the same JSON, even after params were changed", async () => {
    vi.useFakeTimers();
    const { client, seen } = clientOf((call) => (seen.length === 1 ? refusal(503, "UNAVAILABLE") : gateway(call)));
    const params = { camelCase: 1, seed: new Decimal(7), proxied: new Proxy({ a: undefined, b: [1] }, {}) };
    const options = { params, metadata: { orderId: "1" }, negativePrompt: "fog" };
    const call = client.images.generate("m", "p", options);
    params.camelCase = 2;
    await vi.advanceTimersByTimeAsync(2000);
    await call;
    const bodies = seen.filter(({ method }) => method === "POST").map(({ body }) => body);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? "")).toEqual({
      ...{ model: "m", prompt: "p", metadata: { orderId: "1" }, negative_prompt: "fog" },
      params: { camelCase: 1, seed: 7, proxied: { b: [1] } },
    });
  });

  it("may contain a URL object", async () => {
    const { client, seen } = clientOf(gateway);
    const imageUrl = new URL("https://files.test/a.png") as unknown as string;
    await client.videos.generate("m", "p", { imageUrl });
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ image_url: "https://files.test/a.png" });
  });

  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  it.each<[string, unknown]>([
    ["a BigInt", { seed: 1n }],
    ["a cycle", cycle],
    ["a function", { seed: () => 1 }],
    ["a symbol", [Symbol("x")]],
    ["NaN", { seed: Number.NaN }],
  ])("%s in params: a ValidationError that names params, and nothing is sent", async (_, params) => {
    const { client, seen } = clientOf(gateway);
    const error = await failure(
      client.images.generate("m", "p", { params: params as object as Record<string, unknown>, idempotencyKey: "k" }),
    );
    expect(error).toMatchObject({ name: "ValidationError", field: "params", idempotencyKey: "k" });
    expect(seen).toEqual([]);
  });
});

describe("an invalid option: nothing is sent", () => {
  it.each<[string, object]>([
    ["timeout", { timeout: "abc" }],
    ["timeout", { timeout: -1 }],
    ["timeout", { timeout: Number.POSITIVE_INFINITY }],
    ["pollInterval", { pollInterval: -1 }],
    ["pollInterval", { pollInterval: "5" }],
    ["deadline_seconds", { deadlineSeconds: "600s" }],
    ["signal", { signal: new AbortController() }],
    ["cancelOnAbort", { cancelOnAbort: "no" }],
    ["onProgress", { onProgress: "log" }],
    ["idempotencyKey", { idempotencyKey: " order-1" }],
    ["idempotencyKey", { idempotencyKey: "order-1 " }],
    ["idempotencyKey", { idempotencyKey: 7 }],
  ])("generate: %s in %o", async (field, options) => {
    for (const preferAsync of [false, true]) {
      const { client, seen } = clientOf(gateway);
      const error = await failure(client.videos.generate("m", "p", { ...options, preferAsync } as object));
      expect(error).toMatchObject({ name: "ValidationError", field });
      expect(seen).toEqual([]);
    }
  });

  it("request.wait, requests.wait, requests.events and events.follow", async () => {
    const { client, seen } = clientOf(gateway);
    const request = await client.videos.generate("m", "p", { preferAsync: true });
    const signal = {} as AbortSignal;
    const calls = [
      request.wait({ timeout: Number.NaN }),
      client.requests.wait("r", { pollInterval: Number.NaN }),
      firstOf(client.requests.events("r", { signal })),
      client.events.follow({ signal }).next(),
    ];
    const fields = (await Promise.all(calls.map(failure))).map((error) => (error as { field?: unknown }).field);
    expect(fields).toEqual(["timeout", "pollInterval", "signal", "signal"]);
    expect(seen).toHaveLength(1);
  });
});

describe("an id stays one segment of the path", () => {
  const { client, seen } = clientOf(() => Response.json({ id: "x", key: "whsec_eA==" }));
  const { models, requests, webhookEndpoints } = client;
  const calls: [string, (id: string) => Promise<unknown>][] = [
    ["modelId", (id) => models.get(id)],
    ["modelId", (id) => models.get(`fal-ai/${id}`)],
    ["modelId", (id) => models.get(`${id}/veo3`)],
    ["requestId", (id) => requests.get(id)],
    ["requestId", (id) => requests.delete(id)],
    ["requestId", (id) => requests.cancel(id)],
    ["requestId", (id) => requests.wait(id)],
    ["requestId", (id) => requests.timeline(id)],
    ["requestId", (id) => firstOf(requests.events(id))],
    ["deliveryId", (id) => requests.redeliver("r", id)],
    ["endpointId", (id) => webhookEndpoints.get(id)],
    ["endpointId", (id) => webhookEndpoints.update(id, {})],
    ["endpointId", (id) => webhookEndpoints.delete(id)],
    ["endpointId", (id) => webhookEndpoints.rotateSecret(id)],
    ["endpointId", (id) => webhookEndpoints.redeliver(id, "2026-01-01T00:00:00Z")],
  ];
  const ids = ["", ".", "..", "../webhooks/default/secret", "a\\..\\b", "a\u0000", "a\n", "\ud800"];

  it.each(calls)("%s in %s", async (field, call) => {
    for (const id of [...ids, undefined as unknown as string]) {
      // Inside a model id, the text "undefined" is a valid segment.
      if (id === undefined && field === "modelId") continue;
      expect(await failure(call(id)), JSON.stringify(id)).toMatchObject({ name: "ValidationError", field });
    }
    expect(seen).toEqual([]);
  });

  it("models.get keeps the slashes of an id and encodes everything else", async () => {
    const { client: other, seen: paths } = clientOf(() => Response.json({ id: "x" }));
    await other.models.get("fal-ai/flux pro/v1.1?x=1#y%2e");
    expect(paths.map(({ path }) => path)).toEqual(["/models/fal-ai/flux%20pro/v1.1%3Fx%3D1%23y%252e"]);
  });
});

describe("errors of the caller", () => {
  it("an abort reason that two calls share becomes the cause of two separate errors", async () => {
    const stop = new AbortController();
    const reason = Object.freeze(new VisgateError({ message: "bye", errorCode: "MINE" }));
    const keyOf = (headers: Headers) => headers.get("idempotency-key") ?? "";
    const { client, seen } = clientOf(({ method, headers }) =>
      method === "POST" ? acknowledged(`request-${keyOf(headers)}`) : never(),
    );
    const calls = ["a", "b"].map((idempotencyKey) =>
      failure(client.videos.generate("m", "p", { idempotencyKey, signal: stop.signal })),
    );
    await vi.waitFor(() => expect(seen).toHaveLength(4));
    stop.abort(reason);
    expect(await Promise.all(calls)).toMatchObject(
      ["a", "b"].map((key) => ({
        ...{ name: "AbortError", errorCode: "ABORTED", cause: reason },
        ...{ idempotencyKey: key, requestId: `request-${key}` },
      })),
    );
  });

  it("an error of fetch becomes the cause, unchanged", async () => {
    const mine = Object.freeze(new VisgateError({ message: "no network", errorCode: "MINE", statusCode: 401 }));
    const { client } = clientOf(() => Promise.reject(mine), { maxRetries: 0 });
    const calls = ["a", "b"].map((idempotencyKey) => failure(client.videos.generate("m", "p", { idempotencyKey })));
    expect(await Promise.all(calls)).toMatchObject(
      ["a", "b"].map((idempotencyKey) => ({ name: "ConnectionError", cause: mine, idempotencyKey })),
    );
  });

  it("an error of onProgress is passed on unchanged, even a VisgateError", async () => {
    const { client } = clientOf((call) =>
      call.path.endsWith("/events")
        ? streamOf(eventText(JSON.stringify(statusBody("processing")))).response
        : gateway(call),
    );
    const mine = new VisgateError({ message: "of another call", errorCode: "MINE" });
    const call = client.videos.generate("m", "p", { onProgress: () => Promise.reject(mine) });
    expect(await failure(call)).toBe(mine);
    expect(mine).toMatchObject({ requestId: null, idempotencyKey: null });
  });

  it.each(["stream", "polls"])(
    "an onProgress that never settles delays neither the time limit nor the signal: %s",
    async (way) => {
      vi.useFakeTimers();
      const { client } = clientOf((call) => {
        if (!call.path.endsWith("/events")) return call.method === "POST" ? acknowledged() : status("processing");
        return way === "stream"
          ? streamOf(eventText(JSON.stringify(statusBody("processing")))).response
          : new Response(null, { status: 204 });
      });
      const stop = new AbortController();
      const late = failure(client.videos.generate("m", "p", { timeout: 1000, onProgress: never }));
      const aborted = failure(client.requests.wait("r", { signal: stop.signal, onProgress: never }));
      await vi.advanceTimersByTimeAsync(999);
      stop.abort();
      expect(await aborted).toMatchObject({ errorCode: "ABORTED", requestId: "r" });
      await vi.advanceTimersByTimeAsync(1);
      expect(await late).toMatchObject({ errorCode: "CLIENT_TIMEOUT", requestId: "r" });
    },
  );

  it("a wait survives a getToken that fails for a moment, and fails with one that keeps failing", async () => {
    vi.useFakeTimers();
    let asked = 0;
    const tokens = ["t", new Error("hiccup"), new Error("hiccup"), "t"];
    const getToken = () => {
      const token = tokens[asked++] ?? new Error("logged out");
      if (token instanceof Error) throw token;
      return token;
    };
    const { client } = clientOf(gateway, { getToken });
    const call = client.videos.generate("m", "p");
    await vi.advanceTimersByTimeAsync(5000);
    expect(await call).toMatchObject({ requestId: "r" });
    const out = failure(client.requests.wait("r"));
    await vi.advanceTimersByTimeAsync(130_000);
    expect(await out).toMatchObject({ name: "AuthenticationError", requestId: "r", retryable: true });
  });
});
