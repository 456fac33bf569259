/** Event streams and feeds can be closed at once, even during a pending `next()`, and close their connections. */
import { describe, expect, it, vi } from "vitest";
import { clientOf, eventText, failure, never, statusBody, streamOf } from "../test-support/gateway.js";

const PROCESSING = eventText(JSON.stringify(statusBody("processing")));
const DONE = { done: true, value: undefined };

function eventsOf(text: string) {
  const { response, state } = streamOf(text);
  const { client, seen } = clientOf(() => response);
  const events = client.requests.events("r")[Symbol.asyncIterator]() as AsyncGenerator;
  return { events, state, seen };
}

describe("requests.events", () => {
  it("return() ends a pending next() and cancels the stream", async () => {
    const { events, state, seen } = eventsOf(": heartbeat\n\n");
    const pending = events.next();
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(await events.return(undefined)).toEqual(DONE);
    expect([await pending, await events.next()]).toEqual([DONE, DONE]);
    expect(state.isCancelled).toBe(true);
  });

  it("throw() rejects with the given error and cancels the stream", async () => {
    const { events, state, seen } = eventsOf(PROCESSING);
    await events.next();
    const mine = new Error("mine");
    expect(await failure(events.throw(mine))).toBe(mine);
    expect(await events.next()).toEqual(DONE);
    expect([state.isCancelled, seen.length]).toEqual([true, 1]);
  });

  it("return() before the first next() sends nothing", async () => {
    const { events, seen } = eventsOf(PROCESSING);
    await events.return(undefined);
    expect(await events.next()).toEqual(DONE);
    expect(seen).toEqual([]);
  });
});

describe("events.follow", () => {
  it("return() ends a pending next() and its poll", async () => {
    const { client, seen } = clientOf(never);
    const feed = client.events.follow();
    const pending = feed.next();
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(await feed.return()).toEqual(DONE);
    expect(await pending).toEqual(DONE);
  });

  it("throw() rejects with the given error", async () => {
    const { client, seen } = clientOf(() => Response.json({ events: [{ sequence: 1 }], next_after: 1, latest: 1 }));
    const feed = client.events.follow();
    await feed.next();
    await expect(feed.throw(new Error("mine"))).rejects.toThrow("mine");
    expect(seen).toHaveLength(1);
  });

  it("break ends the feed without another poll", async () => {
    const { client, seen } = clientOf(() => Response.json({ events: [{ sequence: 1 }], next_after: 1, latest: 1 }));
    for await (const { sequence } of client.events.follow()) {
      expect(sequence).toBe(1);
      break;
    }
    expect(seen).toHaveLength(1);
  });
});
