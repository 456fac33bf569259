/** Calls, waits and streams against a plain HTTP server that answers as told; time passes only where the client waits. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Client } from "./client.js";
import { streamEvents } from "./event-stream.js";
import { generate } from "./generate.js";
import { createHttp } from "./http.js";
import { type ClientOptions, resolveOptions } from "./options.js";
import { waitForEnd } from "./wait-for-end.js";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let baseUrl: string;
let answers: Answer[] = [];
let seen: { url: string; headers: IncomingMessage["headers"] }[] = [];
/** In order; the last one goes on. */
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
const away = json(503, { error: "UNAVAILABLE", message: "Redis is away.", details: {} });
const event = (id: number, name: string) =>
  `id: ${id}\nevent: status\ndata: ${JSON.stringify({ request_id: "r", status: name })}\n\n`;
const held: Answer = () => {};
const stream = (response: ServerResponse, text: string, written?: () => void) =>
  void response.writeHead(200, { "content-type": "text/event-stream" }).write(text, written);

/** The core with a clock that moves on by what is slept, at once. */
function coreOf(options: ClientOptions = {}) {
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

describe("waiting by polls", () => {
  it.each([
    [120_000, "/requests/r?wait=30"],
    [5000, "/requests/r?wait=2"],
    [1000, "/requests/r"],
  ])("with %i ms per HTTP request the gateway is asked for %s", async (timeout, url) => {
    answers = [status("completed")];
    await waitForEnd(coreOf({ timeout }).http, "r", {});
    expect(seen.map((call) => call.url)).toEqual([url]);
  });

  it("a gateway that does not hold its answers is asked again only after pollInterval", async () => {
    answers = [status("pending"), status("processing"), status("completed")];
    const { http, slept } = coreOf();
    await waitForEnd(http, "r", { pollInterval: 700 });
    expect(slept).toEqual([700, 700]);
  });

  it("polls that fail come further apart, and end the wait when nothing was heard for `timeout`", async () => {
    answers = [away];
    const { http, slept } = coreOf({ timeout: 60_000 });
    await expect(waitForEnd(http, "r", {})).rejects.toMatchObject({ errorCode: "UNAVAILABLE", requestId: "r" });
    expect(slept.slice(0, 5)).toEqual([1000, 2000, 4000, 5000, 5000]);
    const total = slept.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThanOrEqual(60_000);
    expect(total).toBeLessThan(66_000);
  });

  it("whatever is heard in between begins the patience anew", async () => {
    const outage = Array.from({ length: 12 }, () => away);
    answers = [...outage, status("processing"), ...outage, status("completed")];
    const { http } = coreOf({ timeout: 60_000 });
    expect(await waitForEnd(http, "r", {})).toMatchObject({ status: "completed" });
  });

  it("close() ends it", async () => {
    const { http, close } = coreOf();
    answers = [() => close()];
    await expect(waitForEnd(http, "r", {})).rejects.toMatchObject({ errorCode: "ABORTED", requestId: "r" });
  });
});

describe("event streams", () => {
  it("come back after a cut with the id of the last event, and are let go of after the last status", async () => {
    let letGo: Promise<unknown> | undefined;
    answers = [
      (response) => stream(response, event(7, "processing"), () => response.destroy()),
      (response) => {
        letGo = once(response, "close");
        stream(response, event(8, "completed"));
      },
    ];
    const statuses: string[] = [];
    for await (const one of streamEvents(coreOf().http, "r")) statuses.push(one.status);
    expect(statuses).toEqual(["processing", "completed"]);
    expect(seen.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "7"]);
    await (letGo ?? expect.fail("there was no second connection"));
  });

  it("204: there is nothing more to come", async () => {
    answers = [(response) => void response.writeHead(204).end()];
    expect(await streamEvents(coreOf().http, "r").next()).toEqual({ done: true, value: undefined });
    expect(seen).toHaveLength(1);
  });

  it("close() ends one that is read, and one that nobody reads just now", async () => {
    for (const whileReading of [true, false]) {
      const { http, close } = coreOf();
      let letGo: Promise<unknown> | undefined;
      answers = [
        (response) => {
          letGo = once(response, "close");
          stream(response, event(1, "processing"));
        },
      ];
      const events = streamEvents(http, "r");
      await events.next();
      const read = () => expect(events.next()).rejects.toMatchObject({ errorCode: "ABORTED" });
      const reading = whileReading ? read() : undefined;
      close();
      await letGo;
      await (reading ?? read());
    }
  });
});

describe("a call", () => {
  it("leaves no timer and no listener behind, however it ends", async () => {
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

  it("carries the caller's own provider keys only where something is generated, or a balance asked for", async () => {
    answers = [json(200, { request_id: "r", status: "completed", output_url: "http://gateway.test/1", balances: [] })];
    const client = new Client({ apiKey: "vg-key", baseUrl, falKey: "mine" });
    await client.videos.generate("m", "p");
    await client.providers.balances();
    expect(seen.map(({ headers }) => headers["x-fal-key"])).toEqual(["mine", undefined, "mine"]);
  });

  it("health() of a degraded gateway is an answer", async () => {
    answers = [json(503, { status: "degraded", database: "down" })];
    expect(await new Client({ baseUrl }).health()).toEqual({ status: "degraded", database: "down" });
  });

  it("an id cannot lead elsewhere", async () => {
    for (const id of ["", "..", "../models?x=1#y"]) {
      await expect(new Client({ baseUrl }).requests.get(id)).rejects.toMatchObject({ field: "requestId" });
    }
    expect(seen).toEqual([]);
  });

  it("the time of the submit counts for the whole of generate()", async () => {
    let clock = 0;
    const fetch = async (input: unknown, init?: RequestInit) => {
      if (init?.method !== "POST") return globalThis.fetch(String(input), init);
      clock += 59_900;
      return Response.json({ request_id: "r" });
    };
    answers = [held];
    const { http } = coreOf({ fetch });
    const late = generate(
      { ...http, runtime: { ...http.runtime, now: () => clock } },
      { path: "/videos/generate", body: {}, result: () => null },
      { timeout: 60_000 },
    );
    await expect(late).rejects.toMatchObject({ errorCode: "CLIENT_TIMEOUT", requestId: "r" });
  });
});
