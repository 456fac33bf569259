/** Answers that do not come from a gateway, or lack what the call needs: UNEXPECTED_ANSWER, never a partial result. */
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
import type { Client } from "./client.js";

afterEach(() => void vi.useRealTimers());
const UNEXPECTED = { errorCode: "UNEXPECTED_ANSWER" };
const object = (body: object) => () => Response.json(body);

describe("an answer without an expected field", () => {
  it.each<[string, (client: Client) => Promise<unknown>]>([
    ["me", (client) => client.me()],
    ["health", (client) => client.health()],
    ["diagnostics", (client) => client.diagnostics()],
    ["alerts", (client) => client.alerts()],
    ["requests.get", (client) => client.requests.get("r")],
    ["requests.list", (client) => client.requests.list()],
    ["requests.timeline", (client) => client.requests.timeline("r")],
    ["requests.deliveries", (client) => client.requests.deliveries("r")],
    ["requests.cancel", (client) => client.requests.cancel("r")],
    ["requests.delete", (client) => client.requests.delete("r")],
    ["requests.redeliver", (client) => client.requests.redeliver("r", "d")],
    ["events.list", (client) => client.events.list()],
    ["events.follow", (client) => firstOf(client.events.follow())],
    ["models.list", (client) => client.models.list()],
    ["models.get", (client) => client.models.get("m")],
    ["providers.balances", (client) => client.providers.balances()],
    ["providers.validate", (client) => client.providers.validate({ provider: "fal", apiKey: "k" })],
    ["webhooks.secret", (client) => client.webhooks.secret()],
    ["webhooks.redeliver", (client) => client.webhooks.redeliver("2026-01-01T00:00:00Z")],
    ["webhookEndpoints.list", (client) => client.webhookEndpoints.list()],
    ["webhookEndpoints.create", (client) => client.webhookEndpoints.create({ url: OUTPUT })],
    ["webhookEndpoints.rotateSecret", (client) => client.webhookEndpoints.rotateSecret("e")],
  ])("%s fails, without a retry", async (_, call) => {
    const { client, seen } = clientOf(object({}));
    expect(await failure(call(client))).toMatchObject({ ...UNEXPECTED, statusCode: 200 });
    expect(seen).toHaveLength(1);
  });

  it("events.follow fails on a page without next_after", async () => {
    const { client } = clientOf(object({ events: [{ sequence: 1 }] }));
    expect(await failure(client.events.follow().next())).toMatchObject(UNEXPECTED);
  });

  it("iterating a list fails on a page without next_cursor", async () => {
    const pages = [{ requests: [{}], next_cursor: "c" }, { requests: [{}] }];
    const { client, seen } = clientOf(() => Response.json(pages.shift() ?? { requests: [{}] }));
    const all = async () => {
      for await (const _ of await client.requests.list()) expect(seen.length).toBeLessThan(3);
    };
    expect(await failure(all())).toMatchObject(UNEXPECTED);
  });

  it("health: a 503 with an error body is an error, not a degraded gateway", async () => {
    const { client } = clientOf(() => refusal(503, "UNAVAILABLE"), { maxRetries: 0 });
    expect(await failure(client.health())).toMatchObject({ errorCode: "UNAVAILABLE", statusCode: 503 });
  });

  it.each([
    ["video", (client: Client) => client.videos.generate("m", "p")],
    ["image", (client: Client) => client.images.generate("m", "p")],
    ["quick image", (client: Client) => client.generate("p")],
  ])("a completed %s without an output: the error names the request and the key", async (_, call) => {
    const nothing = { output_url: null, output_urls: [] };
    const { client } = clientOf(({ method }) => (method === "POST" ? acknowledged() : status("completed", nothing)));
    expect(await failure(call(client))).toMatchObject({
      ...UNEXPECTED,
      ...{ requestId: "r", idempotencyKey: expect.any(String) },
    });
  });

  it("an acknowledgement with an id that cannot be a path segment", async () => {
    const { client, seen } = clientOf(() => acknowledged("../x"));
    expect(await failure(client.videos.generate("m", "p"))).toMatchObject(UNEXPECTED);
    expect(seen).toHaveLength(1);
  });
});

describe("an event stream that is not valid", () => {
  it.each([["not json"], ["null"], ["[]"], ["7"], ["{}"], ['{"status":7}']])(
    "data %s: events fails; a wait with onProgress falls back to polls",
    async (data) => {
      const garbage = () => streamOf(eventText(data), { end: true }).response;
      const { client, seen } = clientOf((call) => (call.path.endsWith("/events") ? garbage() : gateway(call)));
      expect(await failure(firstOf(client.requests.events("r")))).toMatchObject({ ...UNEXPECTED, statusCode: 200 });
      expect(seen).toHaveLength(1);
      const reported: string[] = [];
      const onProgress = ({ status }: { status: string }) => void reported.push(status);
      expect(await client.videos.generate("m", "p", { onProgress })).toMatchObject({ videoUrl: OUTPUT });
      expect(reported).toEqual(["completed"]);
    },
  );

  it("a stream of comments alone, cut at once each time: a wait with onProgress falls back to polls", async () => {
    vi.useFakeTimers();
    const comments = () => streamOf(": hello\n\n", { end: true }).response;
    const { client } = clientOf((call) => (call.path.endsWith("/events") ? comments() : gateway(call)), {
      timeout: 20_000,
    });
    const call = client.videos.generate("m", "p", { onProgress: () => {} });
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await call).toMatchObject({ videoUrl: OUTPUT });
  });

  it.each([
    ["a heartbeat after 15 s", 15_000, ": heartbeat\n\n"],
    ["a status", 0, eventText(JSON.stringify(statusBody("processing")))],
  ])(
    "a stream that is cut after each %s is opened again, beyond the time that failures may last",
    async (_, ms, text) => {
      vi.useFakeTimers();
      const bytes = new TextEncoder().encode(text);
      const cutAfter = () =>
        new ReadableStream<Uint8Array>({
          start(controller) {
            setTimeout(() => controller.enqueue(bytes), ms);
            setTimeout(() => controller.close(), ms + 1);
          },
        });
      const { client, seen } = clientOf(
        () =>
          seen.length > 30
            ? streamOf(eventText(JSON.stringify(statusBody("completed")))).response
            : new Response(cutAfter(), { headers: { "content-type": "text/event-stream" } }),
        { timeout: 5000 },
      );
      const last = (async () => {
        let status = "";
        for await (const event of client.requests.events("r")) status = event.status;
        return status;
      })();
      await vi.advanceTimersByTimeAsync(31 * (ms + 1001));
      expect(await last).toBe("completed");
    },
  );

  it("an HTML page in place of the stream: its body is cancelled", async () => {
    const { response, state } = streamOf("<h1>sign in</h1>", { type: "text/html" });
    const { client } = clientOf(() => response);
    expect(await failure(firstOf(client.requests.events("r")))).toMatchObject(UNEXPECTED);
    expect(state.isCancelled).toBe(true);
  });
});

describe("an endless answer", () => {
  /** A body that counts the bytes its reader has pulled. */
  function endless(head: string, { type = "application/json", piece = " " } = {}) {
    const chunk = new TextEncoder().encode(piece.repeat(2 ** 18 / piece.length));
    const state = { bytes: 0, isCancelled: false };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
      pull(controller) {
        if (state.bytes > 2 ** 26) return controller.close();
        state.bytes += chunk.length;
        controller.enqueue(chunk);
      },
      cancel() {
        state.isCancelled = true;
      },
    });
    return { response: new Response(body, { headers: { "content-type": type } }), state };
  }

  it("the client stops reading an answer at 16 MB", async () => {
    const { response, state } = endless('{"organization":{}}');
    const { client } = clientOf(() => response);
    expect(await failure(client.me())).toMatchObject({ ...UNEXPECTED, statusCode: 200 });
    expect(state).toMatchObject({ isCancelled: true });
    expect(state.bytes).toBeLessThan(18 * 2 ** 20);
  });

  it.each([
    ["data: ", " "],
    ["event: status\ndata: {}\nid: ", " "],
    ["event: status\n", "data: 1\n"],
  ])("the client stops reading an event at 1 MB: %j followed by %j", async (head, piece) => {
    const { response, state } = endless(head, { type: "text/event-stream", piece });
    const { client } = clientOf(() => response);
    expect(await failure(firstOf(client.requests.events("r")))).toMatchObject(UNEXPECTED);
    expect(state).toMatchObject({ isCancelled: true });
    expect(state.bytes).toBeLessThan(3 * 2 ** 20);
  });
});

it("events.follow polls every 2 s when the server has no events and does not hold the poll", async () => {
  vi.useFakeTimers();
  const empty = object({ events: [], next_after: 4, latest: 4 });
  const { client, seen } = clientOf(() => (seen.length > 20 ? never() : empty()));
  const next = failure(client.events.follow({ after: 4 }).next());
  await vi.advanceTimersByTimeAsync(9000);
  expect(seen).toHaveLength(5);
  client.close();
  await next;
});

it("requests.list: a cursor of null asks for the first page", async () => {
  const { client, seen } = clientOf(object({ requests: [], next_cursor: null }));
  const { nextCursor } = await client.requests.list({ limit: 1 });
  await client.requests.list({ cursor: nextCursor, limit: 1 });
  expect(seen.map(({ path }) => path)).toEqual(["/requests?limit=1", "/requests?limit=1"]);
});

describe("usage.export", () => {
  const csv = (body: string | ReadableStream) =>
    new Response(body, { headers: { "content-type": "text/csv; charset=utf-8" } });
  const broken = () =>
    new ReadableStream({
      pull: (controller) => controller.error(new TypeError("terminated")),
    });

  it("asks again when the connection breaks in the middle of the answer", async () => {
    const bodies = [broken(), "day,mode\r\n"];
    const { client, seen } = clientOf(() => csv(bodies.shift() ?? ""));
    expect(await client.usage.export({ period: "year" })).toBe("day,mode\r\n");
    expect(seen.map(({ path }) => path)).toEqual(Array(2).fill("/usage/export?period=year"));
  });

  it("an answer that is not CSV is unexpected", async () => {
    const { client } = clientOf(() => new Response("<html>", { headers: { "content-type": "text/html" } }));
    expect(await failure(client.usage.export())).toMatchObject(UNEXPECTED);
  });
});

describe("a call after a lost answer", () => {
  const gone = () => refusal(404, "REQUEST_NOT_FOUND");
  const ended = () => refusal(409, "ALREADY_TERMINAL");
  const lost = () => Promise.reject(new TypeError("fetch failed"));
  /** `answers` go to DELETE and POST, in order. GET answers a failed request with `errorCode`, or 404 for GONE. */
  async function outcome(
    answers: (() => Response | Promise<Response>)[],
    errorCode: string | null,
    call: (client: Client) => Promise<unknown>,
  ) {
    vi.useFakeTimers();
    const { client } = clientOf(({ method }) =>
      method === "GET"
        ? errorCode === "GONE"
          ? gone()
          : Response.json(statusBody("failed", { error_code: errorCode, charge_state: "released" }))
        : (answers.shift() ?? never)(),
    );
    const result = call(client).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    return result;
  }
  const erase = (client: Client) => client.requests.delete("r");
  const cancel = (client: Client) => client.requests.cancel("r");

  it("requests.delete: succeeds when the request is gone; without a lost answer that is an error", async () => {
    expect(await outcome([lost, gone], null, erase)).toEqual({ requestId: "r", deleted: true });
    expect(await outcome([gone], null, erase)).toMatchObject({ errorCode: "REQUEST_NOT_FOUND" });
    const unavailable = (status: number) => () => refusal(status, "UNAVAILABLE");
    expect(await outcome([unavailable(502), gone], null, erase)).toEqual({ requestId: "r", deleted: true });
    expect(await outcome([unavailable(503), gone], null, erase)).toMatchObject({ errorCode: "REQUEST_NOT_FOUND" });
  });

  it("webhookEndpoints.delete: succeeds when the endpoint is gone", async () => {
    const drop = (client: Client) => client.webhookEndpoints.delete("e");
    const noSuch = () => refusal(404, "NOT_FOUND");
    expect(await outcome([lost, noSuch], null, drop)).toEqual({ id: "e", deleted: true });
    expect(await outcome([noSuch], null, drop)).toMatchObject({ errorCode: "NOT_FOUND" });
  });

  it("providers.keys.delete: returns the keys that are left when the key is gone", async () => {
    vi.useFakeTimers();
    const left = { provider: "runway", validated: true, validated_at: null, masked_key: "****6789", simulated: false };
    const answers: (() => Response | Promise<Response>)[] = [lost, () => refusal(404, "NOT_FOUND")];
    const { client, seen } = clientOf(({ method }) =>
      method === "GET" ? Response.json({ keys: [left] }) : (answers.shift() ?? never)(),
    );
    const deleted = client.providers.keys.delete("fal");
    await vi.advanceTimersByTimeAsync(5000);
    expect(await deleted).toMatchObject([{ provider: "runway", maskedKey: "****6789" }]);
    expect(seen.map(({ path }) => path)).toEqual(["/providers/keys/fal", "/providers/keys/fal", "/providers/keys"]);
    answers.push(() => refusal(404, "NOT_FOUND"));
    await expect(client.providers.keys.delete("fal")).rejects.toMatchObject({ errorCode: "NOT_FOUND" });
    await expect(client.providers.keys.delete("../fal")).rejects.toMatchObject({ field: "provider" });
  });

  it("requests.cancel: succeeds when the request ended by a cancel, and fails when it ended otherwise", async () => {
    expect(await outcome([lost, ended], "CANCELLED", cancel)).toMatchObject({
      ...{ requestId: "r", status: "cancelling", chargeState: "released" },
    });
    expect(await outcome([lost, ended], "PROVIDER_ERROR", cancel)).toMatchObject({ errorCode: "ALREADY_TERMINAL" });
    expect(await outcome([ended], "CANCELLED", cancel)).toMatchObject({ errorCode: "ALREADY_TERMINAL" });
    expect(await outcome([lost, ended], "GONE", cancel)).toMatchObject({ errorCode: "ALREADY_TERMINAL" });
  });
});
