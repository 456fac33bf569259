import { requestStatus } from "@visgate/shared/contract";
import { EVENT_TYPES, type Transition } from "@visgate/shared/request";
import { createFeed } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { OTHER_KEY, useTestApi } from "../../../tests/support/api.js";
import { betweenCalls } from "../../../tests/support/between-calls.js";
import { submitIntended } from "../../../tests/support/records.js";
import { requestEventPage } from "../../../tests/support/request-events.js";
import { until } from "../../../tests/support/until.js";
import { readFeed } from "./use-cases/read-feed.js";

const { api } = useTestApi();
beforeEach(async () => {
  // Each test begins with an empty feed.
  const { keys } = api.deps.store;
  await api.redis.del(keys.feed("default"), keys.feedSequence("default"));
});

const strictStatus = z.strictObject(requestStatus.shape);
type Query = Record<string, string | number>;
const ask = (query: Query) => {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return api.call("GET", `/events?${search}`);
};
const read = async (query: Query = {}) => {
  const { status, body } = await ask(query);
  expect([status, body.message]).toEqual([200, undefined]);
  return requestEventPage.parse(body);
};
const refused = async (query: Query) => {
  const { status, body } = await ask(query);
  expect([status, body.error]).toEqual([422, "VALIDATION_ERROR"]);
  return body.details;
};
const taken = (): Transition[] => [
  submitIntended({ at: api.clock.now() }),
  { name: "submit_accepted", at: api.clock.now(), attempt: 1, providerRequestId: "provider-job-1" },
];
const observed = (progress: number): Transition => ({ name: "observed", progress, queuePosition: null });
const rendered = (): Transition => {
  const outputs = [{ url: "https://provider.example.com/a.mp4" }];
  return { name: "rendered", at: api.clock.now(), outputs, withheld: 0, costMicro: 1, costSource: "provider" };
};
const completed = (): Transition => {
  const output = { kind: "remote", url: "https://provider.example.com/a.mp4" } as const;
  return { name: "completed", at: api.clock.now(), outputs: [output] };
};
/** Causes four events. */
const wholeLife = () => [...taken(), observed(0.2), observed(0.7), rendered(), completed()];
async function live(): Promise<string> {
  const id = await api.submit();
  await api.apply(id, ...wholeLife());
  return id;
}
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

describe("GET /events", () => {
  test("has every event in order, with the request as it was right after the event", async () => {
    const id = await live();
    const { events, next_after, latest } = await read();
    expect([next_after, latest]).toEqual([4, 4]);
    expect(events.map(({ sequence, type, request_id, data }) => [sequence, type, request_id, data?.status])).toEqual([
      [1, "request.processing", id, "processing"],
      [2, "request.progress", id, "processing"],
      [3, "request.progress", id, "processing"],
      [4, "request.completed", id, "completed"],
    ]);
    expect(events.map(({ data }) => data?.progress)).toEqual([null, 0.2, 0.7, 1]);
    for (const { data, timestamp } of events) {
      strictStatus.parse(data);
      expect(timestamp).toBe(new Date(api.clock.now()).toISOString());
    }
    expect(events[3]?.data).toEqual((await api.call("GET", `/requests/${id}?include=-input`)).body);
  });

  test("continues at next_after, page by page", async () => {
    await Promise.all([live(), live(), live()]);
    const found: number[] = [];
    for (let after = 0; after < 12; ) {
      const page = await read({ after, limit: 5 });
      found.push(...page.events.map(({ sequence }) => sequence));
      expect(page.events.length).toBe(Math.min(5, 12 - after));
      after = page.next_after;
    }
    expect(found).toEqual(upTo(12));
    expect(await read({ after: 12 })).toEqual({ events: [], next_after: 12, latest: 12 });
  });

  test("with types: moves past the events of other types", async () => {
    await live();
    const page = await read({ types: "request.completed, request.failed" });
    expect(page.events.map(({ sequence }) => sequence)).toEqual([4]);
    await api.apply(await api.submit(), ...taken());
    expect(await read({ after: page.next_after, types: "request.completed" })).toEqual({
      events: [],
      next_after: 5,
      latest: 5,
    });
    expect((await read({ types: "request.progress", limit: 1 })).next_after).toBe(2);
  });

  test("with types: is complete, no matter where a page ends", async () => {
    await live();
    await live();
    const wanted = [2, 3, 4, 6, 7, 8];
    for (const limit of upTo(8)) {
      const found: number[] = [];
      for (let after = 0; after < 8; ) {
        const page = await read({ after, limit, types: "request.progress,request.completed" });
        found.push(...page.events.map(({ sequence }) => sequence));
        after = page.next_after;
      }
      expect(found).toEqual(wanted);
    }
  });

  test("has no data for an erased request", async () => {
    const id = await live();
    await api.call("DELETE", `/requests/${id}`);
    const { events } = await read();
    expect(events.map((event) => [event.sequence, event.request_id, event.data])).toEqual(
      upTo(4).map((sequence) => [sequence, id, null]),
    );
  });

  test("is a different feed for each organization", async () => {
    await live();
    const { body } = await api.call("GET", "/events", { key: OTHER_KEY });
    expect(body).toEqual({ events: [], next_after: 0, latest: 0 });
  });

  test("does not mistake a feed that fills during the read for one that lost its first events", async () => {
    const { bounds } = createFeed(betweenCalls(api.redis, live), api.deps.store.keys, (_key, read) => read());
    expect(await bounds("default")).toEqual({ oldest: 1, latest: 0 });
    expect(await bounds("default")).toEqual({ oldest: 1, latest: 4 });
  });
});

describe("GET /events?after=N for a number that is not kept", () => {
  test("refuses an older number, so that no gap is silent; without a number the oldest event is first", async () => {
    await live();
    api.clock.advance(1000);
    await live();
    await api.deps.store.feed.trim("default", api.clock.now());
    expect(await refused({ after: 3 })).toEqual({ field: "after", allowed: { minimum: 4 } });
    expect(await refused({ after: 0, wait: 1 })).toEqual({ field: "after", allowed: { minimum: 4 } });
    expect((await read({ after: 4 })).events.map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8]);
    expect((await read()).events.map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8]);
  });

  test("accepts only the newest number when no event is kept any more", async () => {
    await live();
    await api.deps.store.feed.trim("default", api.clock.now() + 1);
    expect(await refused({ after: 3 })).toEqual({ field: "after", allowed: { minimum: 4 } });
    expect(await read({ after: 4 })).toEqual({ events: [], next_after: 4, latest: 4 });
    expect(await read()).toEqual({ events: [], next_after: 4, latest: 4 });
  });

  test("refuses a number whose events are trimmed during the call", async () => {
    await live();
    const { feed } = api.deps.store;
    const trimming: typeof feed.bounds = async (organization) => {
      const bounds = await feed.bounds(organization);
      await feed.trim(organization, api.clock.now() + 1);
      await live();
      return bounds;
    };
    const deps = { ...api.deps, store: { ...api.deps.store, feed: { ...feed, bounds: trimming } } };
    const reading = readFeed(deps, "default", { after: 0, limit: 10, types: null, wait: null });
    await expect(reading).rejects.toMatchObject({ details: { field: "after", allowed: { minimum: 4 } } });
  });

  test("refuses a number above the newest event", async () => {
    await live();
    expect(await refused({ after: 5 })).toEqual({ field: "after", allowed: { maximum: 4 } });
    expect((await read({ after: 4 })).events).toEqual([]);
  });
});

describe("GET /events?wait=N", () => {
  const listeners = async () =>
    Number(((await api.redis.pubsub("NUMSUB", api.deps.store.keys.feedChannel("default"))) as unknown[])[1]);
  const held = (count = 1) => until("the call to be held", async () => (await listeners()) === count);

  test("waits for the next event", async () => {
    const waiting = read({ after: 0, wait: 20 });
    await held();
    const id = await api.submit();
    await api.apply(id, ...taken());
    const { events, next_after } = await waiting;
    expect(events.map(({ request_id }) => request_id)).toEqual([id]);
    expect(next_after).toBe(1);
    await held(0);
  });

  test("with types: waits for an event of a wanted type", async () => {
    const waiting = read({ after: 0, wait: 20, types: "request.completed" });
    await held();
    await live();
    const { events, next_after } = await waiting;
    expect(events.map(({ sequence }) => sequence)).toEqual([4]);
    expect(next_after).toBe(4);
  });

  test("with types: says how far it has read when the time is up", async () => {
    await api.apply(await api.submit(), ...taken());
    const { status, body, ms } = await ask({ after: 0, wait: 1, types: "request.failed" });
    expect([status, body]).toEqual([200, { events: [], next_after: 1, latest: 1 }]);
    expect(ms).toBeGreaterThan(950);
  });

  test("answers at once when there is an event", async () => {
    await live();
    const { body, ms } = await ask({ after: 0, wait: 60 });
    expect(body.events).toHaveLength(4);
    expect(ms).toBeLessThan(10_000);
  });

  test("misses nothing that happens while it begins (30 rounds)", async () => {
    for (let after = 0; after < 30; after += 1) {
      const id = await api.submit();
      const [{ body, ms }] = await Promise.all([ask({ after, wait: 20 }), api.apply(id, ...taken())]);
      expect(body.events.map(({ sequence }: { sequence: number }) => sequence)).toEqual([after + 1]);
      expect(ms).toBeLessThan(5000);
    }
  });

  test("a consumer sees each event once and in order while 40 writers write", async () => {
    const ids = await Promise.all(upTo(40).map(() => api.submit()));
    const found: number[] = [];
    const consumer = (async () => {
      for (let after = 0; after < 160; ) {
        const page = await read({ after, wait: 20, limit: 7 });
        found.push(...page.events.map(({ sequence }) => sequence));
        expect(page.next_after).toBe(found.at(-1));
        after = page.next_after;
      }
    })();
    await Promise.all(ids.map((id) => api.apply(id, ...wholeLife())));
    await consumer;
    expect(found).toEqual(upTo(160));
  });
});

test.each([
  ["after=-1", "after", { minimum: 0, exclusive: false }],
  ["after=1.5", "after", "int"],
  ["after=last", "after", "number"],
  ["after=", "after", "number"],
  ["limit=0", "limit", { minimum: 1, exclusive: false }],
  ["limit=501", "limit", { maximum: 500 }],
  ["wait=0", "wait", { minimum: 1, exclusive: false }],
  ["wait=61", "wait", { maximum: 60 }],
  ["wait=soon", "wait", "number"],
  ["types=request.done", "types", EVENT_TYPES],
  ["types=", "types", EVENT_TYPES],
  ["since=3", "since", undefined],
])("GET /events?%s: is a 422 that names the field and what it takes", async (query, field, allowed) => {
  const { status, body } = await api.call("GET", `/events?${query}`);
  expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
  expect(body.details.allowed).toEqual(allowed);
  expect(body.message).toContain(field);
});
