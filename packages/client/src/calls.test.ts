/** Calls, waits and streams against a real HTTP server whose answers the test sets. The clock moves only by sleeps. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Client } from "./client.js";
import { type ClientOptions, resolveOptions } from "./client-options.js";
import { generate } from "./generate.js";
import { createHttp } from "./http.js";
import { streamEvents } from "./request-events.js";
import { waitForEnd } from "./wait-for-end.js";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let baseUrl: string;
let answers: Answer[] = [];
let seen: { url: string; headers: IncomingMessage["headers"] }[] = [];
/** Gives the answers in order, and the last one again and again. */
const server = createServer((request, response) => {
  request.resume();
  seen.push({ url: (request.url ?? "").replace("/api/v1", ""), headers: request.headers });
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  answer?.(response, request);
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});
beforeEach(() => {
  answers = [];
  seen = [];
});

const json =
  (status: number, body: object): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const status = (name: string) => json(200, { request_id: "r", status: name });
const unavailable = json(503, { error: "UNAVAILABLE", message: "Redis is away.", details: {} });
const event = (id: number, name: string) =>
  `id: ${id}\nevent: status\ndata: ${JSON.stringify({ request_id: "r", status: name })}\n\n`;
const noAnswer: Answer = () => {};
const stream = (response: ServerResponse, text: string, written?: () => void) =>
  void response.writeHead(200, { "content-type": "text/event-stream" }).write(text, written);

/** The HTTP core with a clock that a sleep moves forward at once. */
function createCore(options: ClientOptions = {}) {
  const slept: number[] = [];
  const closed = new AbortController();
  let clock = 0;
  const runtime = {
    ...{ now: () => clock, random: () => 1, newIdempotencyKey: () => "a-key" },
    sleep: async (ms: number) => {
      slept.push(ms);
      clock += ms;
    },
  };
  const settings = resolveOptions({ apiKey: "vg-key", baseUrl, ...options });
  return { http: createHttp({ settings, runtime, closed: closed.signal }), slept, close: () => closed.abort() };
}

describe("waitForEnd by polls", () => {
  it.each([
    [120_000, "/requests/r?wait=30"],
    [5000, "/requests/r?wait=2"],
    [1000, "/requests/r"],
  ])("a time limit of %i ms per HTTP request: the poll is %s", async (timeout, url) => {
    answers = [status("completed")];
    await waitForEnd(createCore({ timeout }).http, "r", {});
    expect(seen.map((call) => call.url)).toEqual([url]);
  });

  it("sleeps for pollInterval when the gateway answers a poll at once", async () => {
    answers = [status("pending"), status("processing"), status("completed")];
    const { http, slept } = createCore();
    await waitForEnd(http, "r", { pollInterval: 700 });
    expect(slept).toEqual([700, 700]);
  });

  it("backs off after failed polls, and fails once they have failed for the client's timeout", async () => {
    answers = [unavailable];
    const { http, slept } = createCore({ timeout: 60_000 });
    await expect(waitForEnd(http, "r", {})).rejects.toMatchObject({ errorCode: "UNAVAILABLE", requestId: "r" });
    expect(slept.slice(0, 5)).toEqual([1000, 2000, 4000, 5000, 5000]);
    const total = slept.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThanOrEqual(60_000);
    expect(total).toBeLessThan(66_000);
  });

  it("continues when a poll succeeds between two outages", async () => {
    const outage = Array.from({ length: 12 }, () => unavailable);
    answers = [...outage, status("processing"), ...outage, status("completed")];
    const { http } = createCore({ timeout: 60_000 });
    expect(await waitForEnd(http, "r", {})).toMatchObject({ status: "completed" });
  });

  it("fails with ABORTED when the client is closed", async () => {
    const { http, close } = createCore();
    answers = [() => close()];
    await expect(waitForEnd(http, "r", {})).rejects.toMatchObject({ errorCode: "ABORTED", requestId: "r" });
  });
});

describe("streamEvents", () => {
  it("resumes a cut stream with the id of the last event, and closes it after the last status", async () => {
    let closed: Promise<unknown> | undefined;
    answers = [
      (response) => stream(response, event(7, "processing"), () => response.destroy()),
      (response) => {
        closed = once(response, "close");
        stream(response, event(8, "completed"));
      },
    ];
    const statuses: string[] = [];
    for await (const one of streamEvents(createCore().http, "r")) statuses.push(one.status);
    expect(statuses).toEqual(["processing", "completed"]);
    expect(seen.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "7"]);
    await (closed ?? expect.fail("the client opened no second connection"));
  });

  it("ends without an event after a 204", async () => {
    answers = [(response) => void response.writeHead(204).end()];
    expect(await streamEvents(createCore().http, "r").next()).toEqual({ done: true, value: undefined });
    expect(seen).toHaveLength(1);
  });

  it("closes its connection when the client is closed, during a pending next() and without one", async () => {
    for (const whileReading of [true, false]) {
      const { http, close } = createCore();
      let closed: Promise<unknown> | undefined;
      answers = [
        (response) => {
          closed = once(response, "close");
          stream(response, event(1, "processing"));
        },
      ];
      const events = streamEvents(http, "r");
      await events.next();
      const read = () => expect(events.next()).rejects.toMatchObject({ errorCode: "ABORTED" });
      const reading = whileReading ? read() : undefined;
      close();
      await closed;
      await (reading ?? read());
    }
  });
});

describe("a call", () => {
  it("leaves no timer and no listener behind, whether it succeeds or fails", async () => {
    const signal = new AbortController().signal;
    const added: unknown[] = [];
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<AbortSignal["addEventListener"]>) => {
      added.push(args[1]);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<AbortSignal["removeEventListener"]>) => {
      if (added.includes(args[1])) added.splice(added.indexOf(args[1]), 1);
      removeEventListener.apply(signal, args);
    };
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const ends = [{ status: "completed" }, { status: "failed" }, null];
    for (const end of ends) {
      const fetch = async (_: unknown, init?: RequestInit) =>
        init?.method === "POST"
          ? Response.json({ request_id: "r" })
          : end === null
            ? new Response("not JSON")
            : Response.json({ request_id: "r", ...end });
      const client = new Client({ apiKey: "vg-key", baseUrl, fetch });
      await client.videos.generate("m", "p", { signal }).catch(() => {});
    }
    expect(added).toEqual([]);
    expect(timers()).toBe(before);
  });

  it("sends the caller's own provider keys only with generations and providers.balances", async () => {
    answers = [json(200, { request_id: "r", status: "completed", output_url: "http://gateway.test/1", balances: [] })];
    const client = new Client({ apiKey: "vg-key", baseUrl, falKey: "mine" });
    await client.videos.generate("m", "p");
    await client.providers.balances();
    expect(seen.map(({ headers }) => headers["x-fal-key"])).toEqual(["mine", undefined, "mine"]);
  });

  it("health: a degraded gateway is an answer, not an error", async () => {
    answers = [json(503, { status: "degraded", database: "down" })];
    expect(await new Client({ baseUrl }).health()).toEqual({ status: "degraded", database: "down" });
  });

  it("requests.get refuses an id that would lead to another path", async () => {
    for (const id of ["", "..", "../models?x=1#y"]) {
      await expect(new Client({ baseUrl }).requests.get(id)).rejects.toMatchObject({ field: "requestId" });
    }
    expect(seen).toEqual([]);
  });

  it("generate: a 429 of a rate limit is sent again after Retry-After, under the same key, and is a RateLimitError in the end", async () => {
    const limit = { name: "api_key", maximum: 60, window_seconds: 60 };
    const body = { error: "RATE_LIMIT_ERROR", message: "m", details: { limit, retry_after_seconds: 42 } };
    answers = [
      (response) => {
        response.writeHead(429, { "content-type": "application/json", "retry-after": "42" });
        response.end(JSON.stringify(body));
      },
    ];
    const { http, slept } = createCore({ timeout: 1000 });
    const limited = generate(http, { path: "/videos/generate", body: {}, result: () => null }, {});
    await expect(limited).rejects.toMatchObject({ name: "RateLimitError", retryAfter: 42, details: { limit } });
    expect(slept).toEqual([42_000, 42_000]);
    expect(seen.map(({ headers }) => headers["idempotency-key"])).toEqual(["a-key", "a-key", "a-key"]);
  });

  it("generate: the time limit covers the submit and the wait together", async () => {
    let clock = 0;
    const fetch = async (input: unknown, init?: RequestInit) => {
      if (init?.method !== "POST") return globalThis.fetch(String(input), init);
      clock += 59_900;
      return Response.json({ request_id: "r" });
    };
    answers = [noAnswer];
    const { http } = createCore({ fetch });
    const late = generate(
      { ...http, runtime: { ...http.runtime, now: () => clock } },
      { path: "/videos/generate", body: {}, result: () => null },
      { timeout: 60_000 },
    );
    await expect(late).rejects.toMatchObject({ errorCode: "CLIENT_TIMEOUT", requestId: "r" });
  });
});
