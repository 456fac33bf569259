/** What ends a wait, a pause or a stream early, and what must not: seen with timers that only the tests move on. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "./client.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Answer = (path: string, init: RequestInit) => Response | Promise<Response>;

/** Answers like `fetch`: the signal ends it. */
function clientOf(answer: Answer) {
  const paths: string[] = [];
  const fetch = (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const path = String(input).replace(/^.*\/api\/v1/, "");
    paths.push(path);
    return new Promise((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      Promise.resolve(answer(path, init)).then(resolve, reject);
    });
  };
  return { client: new Client({ apiKey: "vg-key", baseUrl: "http://gateway.test", fetch }), paths };
}

const never = () => new Promise<Response>(() => {});
const status = (name: string) => Response.json({ request_id: "r", status: name });
const unavailable = () => Response.json({ error: "UNAVAILABLE", message: "away", details: {} }, { status: 503 });
const aborted = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ errorCode: "ABORTED" });

describe("an abort ends at once", () => {
  it("a pause between two polls", async () => {
    const stop = new AbortController();
    const { client } = clientOf(() => status("processing"));
    const waiting = aborted(client.requests.wait("r", { signal: stop.signal }));
    await vi.advanceTimersByTimeAsync(1000);
    stop.abort();
    await waiting;
  });

  it("a pause before another try", async () => {
    const stop = new AbortController();
    const { client, paths } = clientOf(unavailable);
    const call = aborted(client.videos.generate("m", "p", { signal: stop.signal }));
    await vi.advanceTimersByTimeAsync(100);
    stop.abort();
    await call;
    expect(paths).toHaveLength(1);
  });

  it("close(), too", async () => {
    const { client } = clientOf(() => status("processing"));
    const waiting = aborted(client.requests.wait("r"));
    await vi.advanceTimersByTimeAsync(1000);
    client.close();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("with cancelOnAbort, a gateway that does not answer the cancel is waited for 5 s, no longer", async () => {
  const stop = new AbortController();
  const { client, paths } = clientOf(never);
  const waiting = aborted(client.requests.wait("r", { signal: stop.signal, cancelOnAbort: true }));
  await vi.advanceTimersByTimeAsync(0);
  stop.abort();
  await vi.advanceTimersByTimeAsync(5000);
  await waiting;
  expect(paths).toEqual(["/requests/r?wait=30", "/requests/r/cancel"]);
});

it("the default wait outlasts the request's own deadline by a minute", async () => {
  let isOver = false;
  const { client } = clientOf((_, { method }) =>
    method === "POST" ? Response.json({ request_id: "r" }) : status("processing"),
  );
  const call = client.videos.generate("m", "p", { deadlineSeconds: 3600, pollInterval: 60_000 }).catch((error) => {
    isOver = true;
    return error;
  });
  await vi.advanceTimersByTimeAsync(3_659_000);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await call).toMatchObject({ errorCode: "CLIENT_TIMEOUT", requestId: "r" });
});

it("a stream without a byte for 45 s is opened anew", async () => {
  const stop = new AbortController();
  const headers = { "content-type": "text/event-stream" };
  const { client, paths } = clientOf(() => new Response(new ReadableStream(), { headers }));
  const next = client.requests.events("r", { signal: stop.signal })[Symbol.asyncIterator]().next();
  const ended = aborted(next);
  await vi.advanceTimersByTimeAsync(44_000);
  expect(paths).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(paths).toHaveLength(2);
  stop.abort();
  await ended;
});

it("the feed goes on where its last page ended, also after failures, and when a page had nothing of what is asked for", async () => {
  const page = (sequence: number | null, nextAfter: number) =>
    Response.json({ events: sequence === null ? [] : [{ sequence }], next_after: nextAfter, latest: nextAfter });
  const answers = [page(3, 5), unavailable(), page(null, 9), unavailable(), page(10, 10)];
  const { client, paths } = clientOf(() => answers.shift() ?? never());
  const feed = client.events.follow({ after: 2 });
  const sequences = Promise.all([feed.next(), feed.next()]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await sequences).map(({ value }) => value?.sequence)).toEqual([3, 10]);
  expect(paths.map((path) => new URLSearchParams(path.split("?")[1]).get("after"))).toEqual(["2", "5", "5", "9", "9"]);
});
