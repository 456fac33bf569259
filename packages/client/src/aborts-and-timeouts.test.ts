/** What ends a wait, a pause or a stream early, and what does not. The tests move the timers. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { acknowledged, clientOf, firstOf, never, refusal, status } from "../test-support/gateway.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const unavailable = () => refusal(503, "UNAVAILABLE");
const aborted = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ errorCode: "ABORTED" });

describe("an abort ends at once", () => {
  it("the pause between two polls", async () => {
    const stop = new AbortController();
    const { client } = clientOf(() => status("processing"));
    const waiting = aborted(client.requests.wait("r", { signal: stop.signal }));
    await vi.advanceTimersByTimeAsync(1000);
    stop.abort();
    await waiting;
  });

  it("the pause before a retry", async () => {
    const stop = new AbortController();
    const { client, seen } = clientOf(unavailable);
    const call = aborted(client.videos.generate("m", "p", { signal: stop.signal }));
    await vi.advanceTimersByTimeAsync(100);
    stop.abort();
    await call;
    expect(seen).toHaveLength(1);
  });
});

it("close() ends a wait and leaves no timer behind", async () => {
  const { client } = clientOf(() => status("processing"));
  const waiting = aborted(client.requests.wait("r"));
  await vi.advanceTimersByTimeAsync(1000);
  client.close();
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});

it("cancelOnAbort: the client waits at most 5 s for the answer to its cancel", async () => {
  const stop = new AbortController();
  const { client, seen } = clientOf(never);
  const waiting = aborted(client.requests.wait("r", { signal: stop.signal, cancelOnAbort: true }));
  await vi.advanceTimersByTimeAsync(0);
  stop.abort();
  await vi.advanceTimersByTimeAsync(5000);
  await waiting;
  expect(seen.map(({ path }) => path)).toEqual(["/requests/r?wait=30", "/requests/r/cancel"]);
});

it("timeout: by default a wait lasts one minute longer than the request's deadline", async () => {
  let isOver = false;
  const { client } = clientOf(({ method }) => (method === "POST" ? acknowledged() : status("processing")));
  const call = client.videos.generate("m", "p", { deadlineSeconds: 3600, pollInterval: 60_000 }).catch((error) => {
    isOver = true;
    return error;
  });
  await vi.advanceTimersByTimeAsync(3_659_000);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await call).toMatchObject({ errorCode: "CLIENT_TIMEOUT", requestId: "r" });
});

it("requests.events: a stream without a byte for 45 s is opened again", async () => {
  const stop = new AbortController();
  const headers = { "content-type": "text/event-stream" };
  const { client, seen } = clientOf(() => new Response(new ReadableStream(), { headers }));
  const ended = aborted(firstOf(client.requests.events("r", { signal: stop.signal })));
  await vi.advanceTimersByTimeAsync(44_000);
  expect(seen).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(seen).toHaveLength(2);
  stop.abort();
  await ended;
});

it("events.follow: continues after the last page, also after failures and after a page without events", async () => {
  const page = (sequence: number | null, nextAfter: number) =>
    Response.json({ events: sequence === null ? [] : [{ sequence }], next_after: nextAfter, latest: nextAfter });
  const answers = [page(3, 5), unavailable(), page(null, 9), unavailable(), page(10, 10)];
  const { client, seen } = clientOf(() => answers.shift() ?? never());
  const feed = client.events.follow({ after: 2 });
  const events = Promise.all([feed.next(), feed.next()]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await events).map(({ value }) => value?.sequence)).toEqual([3, 10]);
  const positions = seen.map(({ path }) => new URLSearchParams(path.split("?")[1]).get("after"));
  expect(positions).toEqual(["2", "5", "5", "9", "9"]);
});
