/** Faults that reviews found, each fixed since. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  acknowledged,
  clientOf,
  eventText,
  failure,
  firstOf,
  gateway,
  never,
  OUTPUT,
  refusal,
  status,
  statusBody,
  streamOf,
} from "../test-support/gateway.js";
import { Client } from "./client.js";
import { type ClientOptions, resolveOptions } from "./client-options.js";
import { VisgateError } from "./errors.js";

afterEach(() => void vi.useRealTimers());

describe("images.generate", () => {
  it("a wait after the idempotency key has expired reads the status and does not submit again", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { client, seen } = clientOf(gateway);
    const request = await client.images.generate("m", "p", { preferAsync: true });
    vi.setSystemTime(Date.now() + 25 * 3600_000);
    expect(await request.wait()).toMatchObject({ id: "r", images: [OUTPUT] });
    expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("the replay sends the params of the submit, even after the caller changed them", async () => {
    const { client, seen } = clientOf(gateway);
    const params = { seed: 1 };
    const call = client.images.generate("m", "p", { params });
    params.seed = 2;
    await call;
    const posts = seen.filter(({ method }) => method === "POST");
    expect(posts.map(({ body }) => JSON.parse(body).params.seed)).toEqual([1, 1]);
  });

  it("the time limit covers the replay, and its error names the request", async () => {
    const { client } = clientOf((call) =>
      call.method === "POST" && !call.headers.has("prefer") ? never() : gateway(call),
    );
    const error = await failure(client.images.generate("m", "p", { timeout: 300 }));
    expect(error).toMatchObject({ errorCode: "CLIENT_TIMEOUT", requestId: "r" });
  });
});

it("12 concurrent waits cause no MaxListenersExceededWarning", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => void warnings.push(warning);
  process.on("warning", listen);
  const waiting: (() => void)[] = [];
  const { client } = clientOf(async () => {
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 12) for (const answer of waiting.splice(0)) answer();
    });
    return status("completed");
  });
  await Promise.all(Array.from({ length: 12 }, () => client.requests.wait("r")));
  await nextTurn();
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});

it("a submit answered with 503 UNAVAILABLE and a request id is sent again", async () => {
  const { client, seen } = clientOf((call) =>
    seen.length === 1 ? refusal(503, "UNAVAILABLE", { request_id: "r" }) : gateway(call),
  );
  expect(await client.videos.generate("m", "p")).toMatchObject({ requestId: "r" });
  const keys = seen.filter(({ method }) => method === "POST").map(({ headers }) => headers.get("idempotency-key"));
  expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
});

describe("fetch and getToken", () => {
  it.each<[string, ClientOptions]>([
    ["getToken", { getToken: never }],
    ["fetch", { fetch: never }],
  ])("the time limit ends a call whose %s never settles", async (_, options) => {
    const client = new Client({ baseUrl: "http://gateway.test", timeout: 100, maxRetries: 0, ...options });
    expect(await failure(client.me())).toMatchObject({ errorCode: "CLIENT_TIMEOUT" });
  });

  it("fetch is called without `this`, as browsers require", async () => {
    let self: unknown = "not called";
    const client = new Client({
      baseUrl: "http://gateway.test",
      fetch: async function (this: unknown) {
        self = this;
        return Response.json({ organization: {} });
      },
    });
    await client.me();
    expect(self).toBeUndefined();
  });

  it("fetch does not follow redirects, which would carry the keys along", async () => {
    const { client, seen } = clientOf(() => Response.json({ models: [] }));
    await client.models.list();
    expect(seen[0]?.redirect).toBe("manual");
  });

  it("a call with a failing getToken is not retried, and its error does not blame the gateway", async () => {
    let calls = 0;
    const { client } = clientOf(gateway, {
      getToken: () => {
        calls += 1;
        throw new Error("login expired");
      },
    });
    const error = await failure(client.me());
    expect(calls).toBe(1);
    expect(error).toMatchObject({ message: expect.not.stringContaining("No answer from the gateway") });
  });
});

it("params that JSON cannot hold are a ValidationError, not a connection failure", async () => {
  const { client } = clientOf(gateway);
  const error = await failure(client.videos.generate("m", "p", { params: { seed: 1n } }));
  expect(error).toMatchObject({ errorCode: "VALIDATION_ERROR" });
});

describe("no error contains a secret", () => {
  const textOf = (error: unknown): string => (error instanceof Error ? `${error.message} ${textOf(error.cause)}` : "");
  it("of getToken, when the token contains a line end", async () => {
    const client = new Client({ baseUrl: "http://127.0.0.1:9", maxRetries: 0, getToken: () => "vg-topsecret\n\nx" });
    expect(textOf(await failure(client.me()))).not.toContain("topsecret");
  });
  it("of a base URL with a password", () => {
    const create = () => resolveOptions({ baseUrl: "http://user:hunter2@gateway.test" });
    expect(create).toThrow(VisgateError);
    expect(create).not.toThrow(/hunter2/);
  });
});

it.each([["http://gateway.test/?tenant=1"], ["http://gateway.test/#x"], ["http://["]])(
  "base URL %s is refused",
  (baseUrl) => {
    expect(() => resolveOptions({ baseUrl })).toThrow(VisgateError);
  },
);

describe("requests.wait", () => {
  it("a poll that is never answered does not end the wait", async () => {
    const { client, seen } = clientOf(() => (seen.length === 1 ? never() : status("completed")), { timeout: 300 });
    expect(await client.requests.wait("r")).toMatchObject({ status: "completed" });
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 40]])(
    "a pollInterval of %d does not mean polling without a pause",
    async (pollInterval) => {
      const { client, seen } = clientOf(() => status("processing"));
      await client.requests.wait("r", { pollInterval, timeout: 300 }).catch(() => {});
      expect(seen.length).toBeLessThan(3);
    },
  );

  it("onProgress: polls take over when the stream does not open", async () => {
    const { client } = clientOf(({ path }) => (path.endsWith("/events") ? never() : status("completed")), {
      timeout: 300,
    });
    expect(await client.requests.wait("r", { onProgress: () => {} })).toMatchObject({ status: "completed" });
  });

  const watched = () => {
    const { response, state } = streamOf(eventText(JSON.stringify(statusBody("completed"))));
    return { ...clientOf(() => response), state };
  };

  it("onProgress: cancels the stream after the last change", async () => {
    const { client, state } = watched();
    expect(await client.requests.wait("r", { onProgress: () => {} })).toMatchObject({ status: "completed" });
    expect(state.isCancelled).toBe(true);
  });

  it("onProgress: cancels the stream when the callback's promise rejects", async () => {
    const { client, state } = watched();
    const onProgress = async () => Promise.reject(new Error("enough"));
    await expect(client.requests.wait("r", { onProgress })).rejects.toThrow("enough");
    expect(state.isCancelled).toBe(true);
  });
});

it("requests.events does not ask again for an HTML page in place of the stream", async () => {
  const page = () => new Response("<h1>sign in</h1>", { headers: { "content-type": "text/html" } });
  const { client, seen } = clientOf(page, { timeout: 500 });
  expect(await failure(firstOf(client.requests.events("r")))).toMatchObject({ errorCode: "UNEXPECTED_ANSWER" });
  expect(seen.length).toBeLessThan(3);
});

it("events.follow: time that the reader spends on an event does not count as failing", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const page = (sequence: number) => Response.json({ events: [{ sequence }], next_after: sequence, latest: sequence });
  const answers = [page(1), refusal(503, "UNAVAILABLE"), page(2)];
  const { client } = clientOf(() => answers.shift() as Response);
  const feed = client.events.follow();
  await feed.next();
  vi.setSystemTime(Date.now() + 200_000);
  expect((await feed.next()).value).toMatchObject({ sequence: 2 });
});

it("cancelOnAbort: a submit that was refused is not sent again after the abort", async () => {
  const stop = new AbortController();
  const { client, seen } = clientOf(({ method }) =>
    method === "POST" && seen.length === 1 ? refusal(503, "UNAVAILABLE") : acknowledged(),
  );
  const call = failure(client.videos.generate("m", "p", { signal: stop.signal, cancelOnAbort: true }));
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  stop.abort();
  await call;
  expect(seen).toHaveLength(1);
});

describe("an answer that does not come from a gateway", () => {
  it.each([["null"], ["{}"], ['"x"']])("the JSON %s: retryable for a generation only", async (text) => {
    const { client } = clientOf(() => new Response(text));
    const error = await failure(client.videos.generate("m", "p", { timeout: 500 }));
    expect(error).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", idempotencyKey: expect.any(String) });
    // The generation may have been accepted, and the same key finds out; a list has nothing to find out.
    expect(error).toMatchObject({ retryable: true });
    expect(await failure(client.models.list())).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", retryable: false });
  });

  it.each([[404], [302]])("a page with status %i: not retryable, because it refuses the call", async (code) => {
    const { client } = clientOf(() => new Response("<h1>elsewhere</h1>", { status: code }));
    const error = await failure(client.videos.generate("m", "p"));
    expect(error).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", retryable: false });
  });
});
