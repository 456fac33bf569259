/** Faults that a review found: what is handed in, what lies in between, and what time does to a call. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Client } from "./client.js";
import { VisgateError } from "./errors.js";
import { type ClientOptions, resolveOptions } from "./options.js";

type Seen = { path: string; init: RequestInit };

function clientOf(
  answer: (path: string, init: RequestInit) => Response | Promise<Response>,
  options: ClientOptions = {},
) {
  const seen: Seen[] = [];
  const fetch = (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const path = String(input).replace(/^.*\/api\/v1/, "");
    seen.push({ path, init });
    return new Promise((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      Promise.resolve(answer(path, init)).then(resolve, reject);
    });
  };
  return { client: new Client({ apiKey: "vg-key", baseUrl: "http://gateway.test", fetch, ...options }), seen };
}
const OUTPUT = "http://gateway.test/files/1";
const status = (name: string) =>
  Response.json({ request_id: "r", status: name, output_url: OUTPUT, output_urls: [OUTPUT] });
/** Acknowledgement and result in one. */
const accepted = () =>
  Response.json({ request_id: "r", id: "r", images: [OUTPUT], created_at: new Date().toISOString() }, { status: 202 });
const failure = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail("did not fail"),
    (error: unknown) => error,
  );
afterEach(() => void vi.useRealTimers());

it("the image replay is not sent when the key is no longer kept", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { client, seen } = clientOf((_, { method }) => (method === "POST" ? accepted() : status("completed")));
  const request = await client.images.generate("m", "p", { preferAsync: true });
  vi.setSystemTime(Date.now() + 25 * 3600_000);
  expect(await request.wait()).toMatchObject({ id: "r", images: [OUTPUT] });
  expect(seen.filter(({ init }) => init.method === "POST")).toHaveLength(1);
});

it("12 calls at once give no MaxListenersExceededWarning", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => void warnings.push(warning);
  process.on("warning", listen);
  const atOnce: (() => void)[] = [];
  const { client } = clientOf(async () => {
    await new Promise<void>((go) => {
      if (atOnce.push(go) === 12) for (const one of atOnce.splice(0)) one();
    });
    return status("completed");
  });
  await Promise.all(Array.from({ length: 12 }, () => client.requests.wait("r")));
  await nextTurn();
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});

it("503 UNAVAILABLE with the id of a request that may be there is tried again, with the same key", async () => {
  const { client, seen } = clientOf((_, { method }) => {
    if (method !== "POST") return status("completed");
    return seen.length > 1
      ? accepted()
      : Response.json(
          {
            error: "UNAVAILABLE",
            message: "The queue did not answer; send the same call again with the same Idempotency-Key.",
            details: { request_id: "r" },
          },
          { status: 503 },
        );
  });
  expect(await client.videos.generate("m", "p")).toMatchObject({ requestId: "r" });
});

describe("whatever the caller hands in cannot make a call hang", () => {
  it.each<[string, ClientOptions]>([
    ["getToken", { getToken: () => new Promise<string>(() => {}) }],
    ["fetch", { fetch: () => new Promise<Response>(() => {}) }],
  ])("%s that never settles", async (_, options) => {
    const client = new Client({ baseUrl: "http://gateway.test", timeout: 100, maxRetries: 0, ...options });
    expect(await failure(client.me())).toMatchObject({ errorCode: "CLIENT_TIMEOUT" });
  });
});

it("a page of something else where the event stream should be is not asked for for ever", async () => {
  const { client, seen } = clientOf(
    () => new Response("<h1>sign in</h1>", { headers: { "content-type": "text/html" } }),
    { timeout: 500 },
  );
  const ended = failure(client.requests.events("r")[Symbol.asyncIterator]().next());
  expect(await ended).toMatchObject({ errorCode: "UNEXPECTED_ANSWER" });
  expect(seen.length).toBeLessThan(3);
});

it("fetch is called as a function, as browsers want it", async () => {
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

it("what was handed in is sent as it was when the call was made", async () => {
  const bodies: unknown[] = [];
  const { client } = clientOf((_, { method, body }) => {
    if (method !== "POST") return status("completed");
    bodies.push(JSON.parse(String(body)).params.seed);
    return accepted();
  });
  const params = { seed: 1 };
  const call = client.images.generate("m", "p", { params });
  params.seed = 2;
  await call;
  expect(bodies).toEqual([1, 1]);
});

it("a body that is no JSON is said so at once, not as a gateway that does not answer", async () => {
  const { client } = clientOf(accepted);
  expect(await failure(client.videos.generate("m", "p", { params: { seed: 1n } }))).toMatchObject({
    errorCode: "VALIDATION_ERROR",
  });
});

describe("no secret gets into an error", () => {
  const all = (error: unknown): string => (error instanceof Error ? `${error.message} ${all(error.cause)}` : "");
  it("of a token with a line end", async () => {
    const client = new Client({ baseUrl: "http://127.0.0.1:9", maxRetries: 0, getToken: () => "vg-topsecret\n\nx" });
    expect(all(await failure(client.me()))).not.toContain("topsecret");
  });
  it("of a base URL with a password", () => {
    expect(() => resolveOptions({ baseUrl: "http://user:hunter2@gateway.test" })).toThrow(VisgateError);
  });
});

it("a getToken that fails is not tried again, and not called a gateway that does not answer", async () => {
  let asked = 0;
  const { client } = clientOf(accepted, {
    getToken: () => {
      asked += 1;
      throw new Error("login expired");
    },
  });
  const error = await failure(client.me());
  expect(asked).toBe(1);
  expect(error).toMatchObject({ message: expect.not.stringContaining("No answer from the gateway") });
});

it.each([["http://gateway.test/?tenant=1"], ["http://gateway.test/#x"], ["http://["]])(
  "base URL %s is refused",
  (baseUrl) => {
    expect(() => resolveOptions({ baseUrl })).toThrow(VisgateError);
  },
);

it("one poll that is never answered does not end the wait", async () => {
  let polls = 0;
  const { client } = clientOf(
    () => {
      polls += 1;
      return polls === 1 ? new Promise<Response>(() => {}) : status("completed");
    },
    { timeout: 300 },
  );
  expect(await client.requests.wait("r")).toMatchObject({ status: "completed" });
});

it("a slow reader of the feed loses no patience by it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const page = (sequence: number) => Response.json({ events: [{ sequence }], next_after: sequence, latest: sequence });
  const answers = [
    page(1),
    Response.json({ error: "UNAVAILABLE", message: "m", details: {} }, { status: 503 }),
    page(2),
  ];
  const { client } = clientOf(() => answers.shift() as Response);
  const feed = client.events.follow();
  await feed.next();
  vi.setSystemTime(Date.now() + 200_000);
  expect((await feed.next()).value).toMatchObject({ sequence: 2 });
});

it("a redirect is not followed: keys would go along", async () => {
  const { client, seen } = clientOf(() => Response.json({ models: [] }));
  await client.models.list();
  expect(seen[0]?.init.redirect).toBe("manual");
});

it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 40]])(
  "pollInterval %d does not mean without pause",
  async (pollInterval) => {
    const { client, seen } = clientOf(() => status("processing"));
    await client.requests.wait("r", { pollInterval, timeout: 300 }).catch(() => {});
    expect(seen.length).toBeLessThan(3);
  },
);

it("cancelOnAbort begins nothing after the abort", async () => {
  const stop = new AbortController();
  const { client, seen } = clientOf((_path, { method }) => {
    if (method === "POST" && seen.length === 1)
      return Response.json({ error: "UNAVAILABLE", message: "m", details: {} }, { status: 503 });
    return accepted();
  });
  const call = failure(client.videos.generate("m", "p", { signal: stop.signal, cancelOnAbort: true }));
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  stop.abort();
  await call;
  expect(seen).toHaveLength(1);
});

it("an image replay falls under the time limit, and its error names the request", async () => {
  const { client } = clientOf((_, { method, headers }) => {
    if (method !== "POST") return status("completed");
    return new Headers(headers).has("prefer") ? accepted() : new Promise<Response>(() => {});
  });
  const call = failure(client.images.generate("m", "p", { timeout: 300 }));
  expect(await call).toMatchObject({
    errorCode: "CLIENT_TIMEOUT",
    requestId: "r",
  });
});

it.each([["null"], ["{}"], ['"x"']])("JSON that is not the gateway's (%s) is an UNEXPECTED_ANSWER", async (text) => {
  const { client } = clientOf(() => new Response(text));
  const error = await failure(client.videos.generate("m", "p", { timeout: 500 }));
  expect(error).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", idempotencyKey: expect.any(String) });
  // It may have been accepted, and the key tells; who only asked has lost nothing.
  expect(error).toMatchObject({ retryable: true });
  expect(await failure(client.models.list())).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", retryable: false });
});

it.each([[404], [302]])("a page with status %i is a refusal: the same call is refused again", async (code) => {
  const { client } = clientOf(() => new Response("<h1>elsewhere</h1>", { status: code }));
  const error = await failure(client.videos.generate("m", "p"));
  expect(error).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", retryable: false });
});

it("onProgress where the stream does not come through: polls take over", async () => {
  const { client } = clientOf(
    (path) => (path.endsWith("/events") ? new Promise<Response>(() => {}) : status("completed")),
    { timeout: 300 },
  );
  expect(await client.requests.wait("r", { onProgress: () => {} })).toMatchObject({ status: "completed" });
});

describe("a watched stream is let go of", () => {
  const watched = () => {
    let isLetGo = false;
    const text = `event: status\ndata: ${JSON.stringify({ request_id: "r", status: "completed", output_urls: [] })}\n\n`;
    const stream = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
        cancel: () => {
          isLetGo = true;
        },
      });
    const { client } = clientOf(() => new Response(stream(), { headers: { "content-type": "text/event-stream" } }));
    return { client, isLetGo: () => isLetGo };
  };

  it("after the last change", async () => {
    const { client, isLetGo } = watched();
    expect(await client.requests.wait("r", { onProgress: () => {} })).toMatchObject({ status: "completed" });
    expect(isLetGo()).toBe(true);
  });

  it("when onProgress throws, or what it promises does", async () => {
    const { client, isLetGo } = watched();
    const onProgress = async () => Promise.reject(new Error("enough"));
    await expect(client.requests.wait("r", { onProgress })).rejects.toThrow("enough");
    expect(isLetGo()).toBe(true);
  });
});
