/** The slots of one provider account: limits, fairness, priority, rate. Several connections stand for several workers. */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import type { RequestRef } from "../request/record.js";
import type { Pool, Pools, Share, SlotRequest } from "./pools.js";
import { createStore } from "./store.js";

const server = useTestRedis();
const connections: Redis[] = [];
let prefix: string;
let pools: Pools;

beforeAll(() => {
  for (let n = 0; n < 4; n += 1) connections.push(new Redis(server.url));
});
beforeEach(() => {
  prefix = `t-${randomUUID()}`;
  pools = poolsOf(0);
});
afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

/** The pools as the n-th worker sees them. */
const poolsOf = (n: number): Pools =>
  createStore({ redis: connections[n % connections.length] as Redis, clock: createTestClock(), prefix }).pools;

const limited = (limits: Partial<Pool["limits"]>): Pool => ({
  account: "one",
  limits: { maxInFlight: null, maxInFlightPerModel: null, createsPerSecond: null, ...limits },
});

const ALONE: Share = { weight: 1, maxInFlight: null };
let made = 0;
function request(organization: string, given: Partial<SlotRequest> = {}): SlotRequest {
  made += 1;
  const common = { model: "a/model", priority: "normal", cost: 1, share: ALONE } as const;
  return { organization, id: String(made).padStart(6, "0"), createdAt: made, ...common, ...given };
}
const many = (count: number, organization: string, given: Partial<SlotRequest> = {}) =>
  Array.from({ length: count }, () => request(organization, given));

const ids = (refs: RequestRef[]) => refs.map(({ id }) => id);
const names = (refs: RequestRef[]) => refs.map(({ organization }) => organization);

async function acquireAll(pool: Pool, requests: SlotRequest[]): Promise<void> {
  for (const one of requests) await pools.acquire(pool, one);
}

/** Frees slots one after the other; returns the requests that got them. */
async function serve(pool: Pool, count: number): Promise<RequestRef[]> {
  const served: RequestRef[] = [];
  const held: RequestRef[] = await pools.holders(pool);
  while (served.length < count) {
    const freed = held.shift();
    if (freed === undefined) throw new Error("nobody holds a slot");
    const { granted } = await pools.release(pool, freed);
    served.push(...granted);
    held.push(...granted);
  }
  return served;
}

describe("limits", () => {
  test("acquire: gives the free slots and tells the others their position", async () => {
    const pool = limited({ maxInFlight: 2 });
    const answers = [];
    for (const one of many(4, "acme")) answers.push(await pools.acquire(pool, one));
    expect(answers).toMatchObject([
      ...[{ kind: "held", granted: [], nextMs: null }, { kind: "held" }],
      ...[
        { kind: "waits", position: 0, granted: [], nextMs: null },
        { kind: "waits", position: 1 },
      ],
    ]);
  });

  test("many acquires and releases over four connections: never more holders than slots, and all are served", async () => {
    const pool = limited({ maxInFlight: 5, maxInFlightPerModel: 3 });
    const asked = new Map<string, SlotRequest>();
    const inFlight = new Map<string, string>();
    const most = { all: 0, ofOneModel: 0 };
    let served = 0;
    const run = async ({ id }: RequestRef, n: number): Promise<void> => {
      const one = asked.get(id) as SlotRequest;
      if (inFlight.has(id)) return;
      inFlight.set(id, one.model);
      most.all = Math.max(most.all, inFlight.size);
      const ofItsModel = [...inFlight.values()].filter((model) => model === one.model).length;
      most.ofOneModel = Math.max(most.ofOneModel, ofItsModel);
      await new Promise((resolve) => setTimeout(resolve, n % 5));
      inFlight.delete(id);
      asked.delete(id);
      served += 1;
      const { granted } = await poolsOf(n).release(pool, one);
      await Promise.all(granted.map((each) => run(each, n + 1)));
    };
    const start = async (one: SlotRequest, n: number) => {
      asked.set(one.id, one);
      const { kind, granted } = await poolsOf(n).acquire(pool, one);
      const isMine = kind === "held" && asked.has(one.id);
      await Promise.all((isMine ? [one, ...granted] : granted).map((each) => run(each, n)));
    };
    await Promise.all(
      many(300, "acme").map((one, n) => {
        const model = n % 3 === 0 ? "a/other" : "a/model";
        return start({ ...one, organization: `o${n % 7}`, model }, n);
      }),
    );
    expect({ served, ...most }).toEqual({ served: 300, all: 5, ofOneModel: 3 });
    expect(await leftKeys()).toEqual([]);
  });

  test("a second acquire changes nothing, nor does a second release", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [first, second, third] = many(3, "acme") as [SlotRequest, SlotRequest, SlotRequest];
    await acquireAll(pool, [first, second, third, first, second]);
    expect(await pools.acquire(pool, second)).toMatchObject({ kind: "waits", position: 0 });
    expect(ids((await pools.release(pool, first)).granted)).toEqual([second.id]);
    expect((await pools.release(pool, first)).granted).toEqual([]);
    expect(ids(await pools.holders(pool))).toEqual([second.id]);
    expect(await pools.acquire(pool, second)).toMatchObject({ kind: "held" });
  });

  test("a request that leaves its line is not served, and the others move up", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [first, second, third] = many(3, "acme") as [SlotRequest, SlotRequest, SlotRequest];
    await acquireAll(pool, [first, second, third]);
    expect((await pools.release(pool, second)).granted).toEqual([]);
    expect(await pools.acquire(pool, third)).toMatchObject({ position: 0 });
    expect(ids((await pools.release(pool, first)).granted)).toEqual([third.id]);
  });

  test("a model without a free slot is passed over, and served when one is free", async () => {
    const pool = limited({ maxInFlight: 3, maxInFlightPerModel: 1 });
    const slow = many(3, "acme", { model: "a/slow" });
    const other = request("acme", { model: "a/other" });
    await acquireAll(pool, [...slow, other]);
    expect(ids(await pools.holders(pool)).toSorted()).toEqual([slow[0]?.id, other.id]);
    expect(ids((await pools.release(pool, slow[0] as SlotRequest)).granted)).toEqual([slow[1]?.id]);
  });

  test("an organization has no more slots than its own limit, and others get the rest", async () => {
    const pool = limited({ maxInFlight: 4 });
    const share = { weight: 1, maxInFlight: 2 };
    await acquireAll(pool, [...many(4, "acme", { share }), ...many(3, "globex")]);
    expect(names(await pools.holders(pool)).toSorted()).toEqual(["acme", "acme", "globex", "globex"]);
  });

  test("slots outlive the process that got them: another connection finds them held, until they are released", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [first, second] = many(2, "acme") as [SlotRequest, SlotRequest];
    const dying = new Redis(server.url);
    const other = createStore({ redis: dying, clock: createTestClock(), prefix }).pools;
    await other.acquire(pool, first);
    dying.disconnect();
    expect(await pools.acquire(pool, second)).toMatchObject({ kind: "waits" });
    expect(await pools.acquire(pool, first)).toMatchObject({ kind: "held" });
    expect(ids((await pools.release(pool, first)).granted)).toEqual([second.id]);
  });

  test("a job that may still run keeps its slot for that time, and no other gets it", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [first, second] = many(2, "acme") as [SlotRequest, SlotRequest];
    await acquireAll(pool, [first, second]);
    const { granted, nextMs } = await pools.release(pool, first, 120);
    expect(granted).toEqual([]);
    expect(nextMs).toBeGreaterThan(60);
    expect((await pools.release(pool, first, 5000)).nextMs).toBeLessThan(121);
    expect((await pools.grant(pool)).granted).toEqual([]);
    await expect.poll(async () => ids((await pools.grant(pool)).granted), { interval: 5 }).toEqual([second.id]);
  });

  test("hold: counts a job that is already at the provider, also above the limit", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [first, unknown, third] = many(3, "acme") as [SlotRequest, SlotRequest, SlotRequest];
    await acquireAll(pool, [first, third]);
    expect([await pools.hold(pool, unknown), await pools.hold(pool, unknown)]).toEqual([true, false]);
    expect((await pools.release(pool, first)).granted).toEqual([]);
    expect(ids((await pools.release(pool, unknown)).granted)).toEqual([third.id]);
  });
});

describe("fair share", () => {
  test("1,000 against 1: the single request gets the next slot that frees", async () => {
    const pool = limited({ maxInFlight: 2 });
    await acquireAll(pool, many(1000, "busy"));
    const single = request("quiet");
    expect(await pools.acquire(pool, single)).toMatchObject({ kind: "waits", position: 0 });
    expect(ids(await serve(pool, 1))).toEqual([single.id]);
    // It has had its turn: now the others go on, and its next request waits one turn at most.
    await serve(pool, 3);
    const next = request("quiet");
    await pools.acquire(pool, next);
    expect(ids(await serve(pool, 1))).toEqual([next.id]);
  });

  test("1,000 against 1, again and again: the single one never waits for more than one slot", async () => {
    const pool = limited({ maxInFlight: 1 });
    await acquireAll(pool, many(100, "busy"));
    for (let round = 0; round < 20; round += 1) {
      const single = request("quiet");
      await pools.acquire(pool, single);
      expect(ids(await serve(pool, 2))).toContain(single.id);
    }
  });

  test.each([1, 2, 6, 25])("weights 1, 2 and 3 over %i slots: the shares are within 10 %", async (maxInFlight) => {
    const pool = limited({ maxInFlight });
    const weights = { a: 1, b: 2, c: 3 };
    for (const [name, weight] of Object.entries(weights)) {
      await acquireAll(pool, many(400, name, { share: { weight, maxInFlight: null } }));
    }
    const served = await serve(pool, 300);
    for (const [name, weight] of Object.entries(weights)) {
      const share = served.filter(({ organization }) => organization === name).length / 300;
      expect(Math.abs(share - weight / 6) / (weight / 6)).toBeLessThan(0.1);
    }
  });

  test("shares are of slot time: requests that cost three times as much get a third of the slots", async () => {
    const pool = limited({ maxInFlight: 2 });
    await acquireAll(pool, [...many(300, "films", { cost: 90 }), ...many(300, "images", { cost: 30 })]);
    const served = names(await serve(pool, 200));
    expect(served.filter((name) => name === "images").length).toBeGreaterThan(140);
    expect(served.filter((name) => name === "films").length).toBeGreaterThan(45);
  });

  test("an organization that could not be served for a while has no credit from that time", async () => {
    const pool = limited({ maxInFlight: 4, maxInFlightPerModel: 3 });
    const blocked = many(40, "blocked", { model: "a/full" });
    const blockers = many(3, "other", { model: "a/full" });
    await acquireAll(pool, [...blockers, ...blocked, ...many(100, "busy")]);
    const free = async (count: number) => {
      const served: RequestRef[] = [];
      for (const one of (await pools.holders(pool)).filter(({ organization }) => organization === "busy")) {
        if (served.length < count) served.push(...(await pools.release(pool, one)).granted);
      }
      return served;
    };
    for (let n = 0; n < 30; n += 1) await free(1);
    for (const one of blockers) await pools.release(pool, one);
    const next = names(await serve(pool, 20));
    expect(next.filter((name) => name === "busy").length).toBeGreaterThan(7);
  });

  test("fifty organizations that begin to wait at once are served in the order of their arrival", async () => {
    const pool = limited({ maxInFlight: 1 });
    await acquireAll(pool, many(100, "busy"));
    const singles = Array.from({ length: 50 }, (_, n) => request(`o${(n * 37) % 50}`));
    await acquireAll(pool, singles);
    const served = await serve(pool, 51);
    expect(ids(served.filter(({ organization }) => organization !== "busy"))).toEqual(ids(singles));
  });
});

describe("priority", () => {
  test("low comes after normal within its organization, also of another model", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [first, low, normal, other] = [
      request("acme"),
      request("acme", { priority: "low" }),
      request("acme"),
      request("acme", { model: "a/other" }),
    ];
    await acquireAll(pool, [first, low, normal, other]);
    expect(await pools.acquire(pool, low)).toMatchObject({ position: 1 });
    expect(ids(await serve(pool, 3))).toEqual([normal.id, other.id, low.id]);
  });

  test("low of one organization has the same turn as normal of another", async () => {
    const pool = limited({ maxInFlight: 1 });
    await acquireAll(pool, [...many(20, "busy"), ...many(10, "low", { priority: "low" })]);
    expect(names(await serve(pool, 10)).filter((name) => name === "low")).toHaveLength(5);
  });

  test("the oldest comes first, also when it asks again later than the others", async () => {
    const pool = limited({ maxInFlight: 1 });
    const [old, first, young] = many(3, "acme") as [SlotRequest, SlotRequest, SlotRequest];
    await acquireAll(pool, [first, young, old]);
    expect(await pools.acquire(pool, young)).toMatchObject({ position: 1 });
    expect(ids(await serve(pool, 2))).toEqual([old.id, young.id]);
  });
});

describe("creates per second", () => {
  const now = async () => {
    const [seconds, micros] = (await (connections[0] as Redis).time()).map(Number) as [number, number];
    return seconds * 1000 + micros / 1000;
  };
  /** The most times within any `ms`. */
  const mostWithin = (times: number[], ms: number) =>
    Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + ms).length));

  test.each([
    { rate: 10, count: 32 },
    { rate: 100, count: 250 },
  ])("rate $rate: never more in any second, however late they arrive, and not much less", async ({ rate, count }) => {
    const pool = limited({ createsPerSecond: rate });
    const began = await now();
    const times: number[] = [];
    let done = 0;
    /** Each arrives at the provider up to 200 ms after its grant, and is noted a little later. */
    const arrive = async (ref: RequestRef, n: number) => {
      await pause((n * 67) % 200);
      times.push(await now());
      await pause(10);
      await pools.sent(pool, ref);
      begin((await pools.release(pool, ref)).granted);
      done += 1;
    };
    const all: Promise<void>[] = [];
    const begin = (granted: RequestRef[]) => void all.push(...granted.map((ref, n) => arrive(ref, all.length + n)));
    for (const one of many(count, "acme")) {
      const { kind, granted } = await pools.acquire(pool, one);
      begin(kind === "held" ? [one, ...granted] : granted);
    }
    while (all.length < count) {
      begin((await pools.grant(pool)).granted);
      await pause(5);
    }
    while (done < count) await pause(5);
    expect(times).toHaveLength(count);
    expect(mostWithin(times, 1000)).toBeLessThanOrEqual(rate);
    // At least half the rate, on a busy machine too.
    expect((await now()) - began).toBeLessThan((Math.ceil(count / rate) - 1) * 2000 + 1000);
  });

  test("a waiting request learns when the next one may get a slot, and sooner when a submit has arrived", async () => {
    const pool = limited({ createsPerSecond: 0.5 });
    const [first, second] = many(2, "acme") as [SlotRequest, SlotRequest];
    await pools.acquire(pool, first);
    const { kind, nextMs } = await pools.acquire(pool, second);
    expect(kind).toBe("waits");
    // 7 s and 2 s, less what the calls themselves take on a busy machine.
    expect(nextMs).toBeLessThanOrEqual(7000);
    expect(nextMs).toBeGreaterThan(5500);
    const { nextMs: afterSubmit } = await pools.sent(pool, first);
    expect(afterSubmit).toBeLessThanOrEqual(2000);
    expect(afterSubmit).toBeGreaterThan(500);
  });

  test("departure: a request that got its slot just now goes; one that is late needs room in the rate", async () => {
    const pool = limited({ createsPerSecond: 1 });
    const [first, late] = many(2, "acme") as [SlotRequest, SlotRequest];
    await pools.hold(pool, late);
    await pools.acquire(pool, first);
    expect(await pools.departure(pool, first)).toBe(0);
    expect(await pools.departure(pool, late)).toBeGreaterThan(1000);
    await pools.sent(pool, first);
    const waitMs = await pools.departure(pool, late);
    expect(waitMs).toBeLessThanOrEqual(1000);
    await pause(waitMs + 5);
    expect(await Promise.all([pools.departure(pool, late), pools.departure(pool, first)])).toEqual([
      0,
      expect.any(Number),
    ]);
  });

  test("two submits of the same request both count", async () => {
    const pool = limited({ createsPerSecond: 2 });
    const [first, second] = many(2, "acme") as [SlotRequest, SlotRequest];
    // At once, so that both are mostly sent in the same millisecond.
    await Promise.all([pools.departure(pool, first), pools.sent(pool, first), pools.sent(pool, first)]);
    expect(await pools.departure(pool, second)).toBeGreaterThan(0);
  });

  test("a clock that was set back does not stop the grants", async () => {
    const pool = limited({ createsPerSecond: 1 });
    await (connections[0] as Redis).zadd(`${prefix}:{pool:one}:creates`, (await now()) + 3_600_000, "acme/old");
    expect(await pools.acquire(pool, request("acme"))).toMatchObject({ kind: "held" });
  });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const leftKeys = async () =>
  (await (connections[0] as Redis).keys(`${prefix}:*`)).filter((key) => !key.endsWith(":clock"));
