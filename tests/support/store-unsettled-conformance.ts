/** Conformance of a store: a call that may have been charged is not submitted again; a refused call stays refused. */
import type { RequestRecord, Transition } from "@visgate/shared/request";
import type { AcceptCommand } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { pendingRecord as anyRecord, failure, NEVER_LATE, submitIntended, T0 } from "./records.js";
import {
  callConcurrently,
  connectSeveral,
  countBy,
  keysContaining,
  type OpenBench,
  type StoreBench,
} from "./store-bench.js";

/** A record with the same call hash as all others, unless `overrides` changes it. */
const pendingRecord = (overrides: Partial<RequestRecord> = {}) =>
  anyRecord({ call: { hash: "call", isDeliberate: false }, ...overrides });
const CACHED = { hash: "cache-hash", reason: "miss", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 } as const;
const command = (overrides: Partial<AcceptCommand> = {}): AcceptCommand => {
  return { record: pendingRecord(), idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null, ...overrides };
};
const DELIBERATE = { call: { hash: "call", isDeliberate: true } };
const LOST = { name: "submit_lost", at: T0 + 5000, attempt: 1, until: T0 + 125_000, submitEnded: true } as const;
const ACCEPTED = { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "job" } as const;
const failed = (charged: boolean | null) =>
  ({ name: "failed", at: T0, failure: failure({ charged }), billedMicro: null }) as const;

export function unsettledConformance(open: OpenBench): void {
  let bench: StoreBench;
  beforeEach(async () => {
    bench = await open();
    await bench.store.organizations.ensure("acme", 0);
  });
  const accept = (overrides: Partial<AcceptCommand> = {}) => bench.store.requests.accept(command(overrides));

  /** A request whose submit was lost. */
  async function lost(record = pendingRecord()) {
    await accept({ record });
    await bench.store.requests.applyTo(record, submitIntended({ at: T0 }));
    await bench.store.requests.applyTo(record, LOST);
    return record;
  }

  describe("a request whose equal calls join it", () => {
    const JOINS = { call: { hash: "call", isDeliberate: false, joinsRepeats: true } } as const;
    const joining = () => pendingRecord(JOINS);
    const COMPLETED = [
      ...[submitIntended({ at: T0 }), ACCEPTED],
      { name: "rendered", at: T0, outputs: [], withheld: 0, costMicro: 1, costSource: "provider" },
      { name: "completed", at: T0, outputs: [] },
    ] satisfies Transition[];

    async function accepted(...transitions: readonly Transition[]) {
      const record = joining();
      await accept({ record });
      for (const transition of transitions) await bench.store.requests.applyTo(record, transition);
      return (await bench.store.requests.get(record))?.doc ?? record;
    }

    test("is returned to them while it is in flight, also to a hundred at once", async () => {
      const stores = await connectSeveral(bench, 4);
      const answers = await callConcurrently(stores, 100, (store) =>
        store.requests.accept(command({ record: joining() })),
      );
      expect(countBy(answers, ({ kind }) => kind)).toEqual({ new: 1, unsettled: 99 });
      const first = await accepted();
      await bench.store.requests.applyTo(first, submitIntended({ at: T0 }));
      expect((await accept({ record: joining() })).kind).toBe("unsettled");
      expect((await accept({ record: pendingRecord(DELIBERATE) })).kind).toBe("new");
    });

    test("is returned to them for a minute after it completed, until its caller asks for it", async () => {
      const first = await accepted(...COMPLETED);
      expect(first.status).toBe("completed");
      expect(await accept({ record: joining() })).toEqual({ kind: "unsettled", id: first.id });
      const [now] = await bench.redis.time();
      const left = Number(await bench.redis.zscore(bench.store.keys.unsettled("acme", "call"), first.id)) - Number(now);
      expect(left).toBeGreaterThan(50);
      expect(left).toBeLessThanOrEqual(60);
      await bench.store.requests.noteKnown(first);
      expect((await accept({ record: joining() })).kind).toBe("new");
    });

    test("is not returned after it failed at no cost", async () => {
      await accepted(submitIntended({ at: T0 }), failed(false));
      expect((await accept({ record: joining() })).kind).toBe("new");
    });

    test("that is in flight stays so when its caller asks for it", async () => {
      const first = await accepted(submitIntended({ at: T0 }));
      await bench.store.requests.noteKnown(first);
      expect(await accept({ record: joining() })).toEqual({ kind: "unsettled", id: first.id });
    });
  });

  describe("an unsettled request", () => {
    test("is returned to an equal call during the search for its submit", async () => {
      const first = await lost();
      expect(await accept()).toEqual({ kind: "unsettled", id: first.id });
      expect(await bench.store.maintenance.openCount()).toBe(1);
    });

    test("is returned to an equal call that uses the cache", async () => {
      const first = await lost(pendingRecord({ cache: CACHED }));
      expect(await accept({ record: pendingRecord({ cache: CACHED }) })).toEqual({ kind: "unsettled", id: first.id });
    });

    test("is returned to 100 concurrent equal calls over four connections", async () => {
      const first = await lost();
      const stores = await connectSeveral(bench, 4);
      const answers = await callConcurrently(stores, 100, (store) => store.requests.accept(command()));
      expect(countBy(answers, ({ kind }) => kind)).toEqual({ unsettled: 100 });
      expect(new Set(answers.map((answer) => "id" in answer && answer.id))).toEqual(new Set([first.id]));
    });

    test("is not returned to a deliberate call, a different call, or another organization's call", async () => {
      await lost();
      await bench.store.organizations.ensure("globex", 0);
      const others = [DELIBERATE, { call: { hash: "another", isDeliberate: false } }, { organization: "globex" }];
      for (const other of others) expect((await accept({ record: pendingRecord(other) })).kind).toBe("new");
    });

    test("is settled when its job is found: the next equal call is a new request", async () => {
      const first = await lost();
      await bench.store.requests.applyTo(first, ACCEPTED);
      expect((await accept()).kind).toBe("new");
    });

    test.each([null, true])("is returned for 900 s after it failed with charged=%s, and no longer", async (charged) => {
      const first = await lost();
      await bench.store.requests.applyTo(first, failed(charged));
      expect(await accept()).toEqual({ kind: "unsettled", id: first.id });
      const key = bench.store.keys.unsettled("acme", "call");
      const [now] = await bench.redis.time();
      const left = Number(await bench.redis.zscore(key, first.id)) - Number(now);
      expect(left).toBeGreaterThan(840);
      expect(left).toBeLessThanOrEqual(900);
      await bench.redis.zadd(key, "XX", Number(now) - 1, first.id);
      expect((await accept()).kind).toBe("new");
    });

    test("is settled when the provider does not bill it", async () => {
      await bench.store.requests.applyTo(await lost(), failed(false));
      expect((await accept()).kind).toBe("new");
    });

    test("is also returned when it failed after the provider accepted it, and may be billed", async () => {
      const record = pendingRecord();
      await accept({ record });
      for (const transition of [submitIntended({ at: T0 }), ACCEPTED, failed(null)])
        await bench.store.requests.applyTo(record, transition);
      expect(await accept()).toEqual({ kind: "unsettled", id: record.id });
    });

    test("is not returned when the cache has an output for the call", async () => {
      const cached = pendingRecord({ cache: CACHED });
      await accept({ record: cached });
      const output = {
        kind: "stored",
        key: "acme/out/x/0.mp4",
        contentType: "video/mp4",
        bytes: 1,
        sha256: "a",
      } as const;
      const outputs = [{ url: "https://x.example.com/0" }];
      const rendered = {
        name: "rendered",
        at: T0,
        outputs,
        withheld: 0,
        costMicro: 1,
        costSource: "provider",
      } as const;
      for (const transition of [submitIntended({ at: T0 }), ACCEPTED, rendered])
        await bench.store.requests.applyTo(cached, transition);
      await bench.store.requests.applyTo(cached, { name: "completed", at: T0, outputs: [output] });
      await lost(pendingRecord({ ...DELIBERATE, cache: { ...CACHED, reason: "refreshed" } }));
      expect(await accept({ record: pendingRecord({ cache: CACHED }) })).toMatchObject({
        kind: "changed",
        found: { kind: "hit", output: { source: { id: cached.id } } },
      });
    });

    test("stays unsettled when another request of an equal call is settled", async () => {
      const first = await lost();
      const other = await lost(pendingRecord({ call: { hash: "call", isDeliberate: true } }));
      await bench.store.requests.applyTo(other, ACCEPTED);
      expect(await accept()).toEqual({ kind: "unsettled", id: first.id });
    });

    test("is not returned after it was erased", async () => {
      const first = await lost();
      const stored = await bench.store.requests.get(first);
      if (stored !== null) await bench.store.maintenance.erase(stored);
      expect(await bench.redis.exists(bench.store.keys.unsettled("acme", "call"))).toBe(0);
      expect((await accept()).kind).toBe("new");
    });
  });

  describe("an accept that comes too late", () => {
    test("accepts and writes nothing, and returns Redis's time", async () => {
      const record = pendingRecord();
      const idempotency = { keyHash: "key", bodyHash: "body", ttlSeconds: 60 };
      const [seconds] = await bench.redis.time();
      const answer = await accept({ record, idempotency, notAfter: Number(seconds) * 1000 - 1 });
      expect(answer).toEqual({ kind: "late", redisNow: expect.any(Number) });
      expect(Math.abs((answer as { redisNow: number }).redisNow - Number(seconds) * 1000)).toBeLessThan(5000);
      expect(await keysContaining(bench, record.id)).toEqual([]);
      expect(await keysContaining(bench, "key")).not.toContain(bench.store.keys.idempotency("acme", "key"));
    });

    test("returns the request that its own first run accepted in time", async () => {
      const record = pendingRecord();
      await accept({ record });
      expect(await accept({ record, notAfter: 1 })).toEqual({ kind: "new", id: record.id });
    });
  });

  describe("withdraw", () => {
    const idempotency = { keyHash: "key", bodyHash: "body", ttlSeconds: 60 };

    test("deletes a request that no worker has started and whose id no other caller got", async () => {
      const record = pendingRecord({ cache: CACHED });
      await accept({ record, idempotency });
      expect(await bench.store.requests.withdraw({ record, idempotency })).toEqual([]);
      expect(await keysContaining(bench, record.id)).toEqual([bench.store.keys.trash("acme")]);
      expect(await bench.store.runs.countByModel()).toEqual({ "fal-ai/veo3": 0 });
      expect((await accept({ record: pendingRecord(), idempotency })).kind).toBe("new");
    });

    test("deletes nothing when nothing was accepted, also the second time", async () => {
      const record = pendingRecord();
      for (let times = 0; times < 2; times += 1)
        expect(await bench.store.requests.withdraw({ record, idempotency: null })).toEqual([]);
      // Its input may already be in the output store.
      expect(await keysContaining(bench, record.id)).toEqual([bench.store.keys.trash("acme")]);
    });

    test("keeps a request whose id a replay has returned", async () => {
      const record = pendingRecord();
      await accept({ record, idempotency });
      expect((await accept({ record: pendingRecord(), idempotency })).kind).toBe("replay");
      await bench.store.requests.withdraw({ record, idempotency });
      expect((await bench.store.requests.get(record))?.doc).toEqual(record);
    });

    test("keeps a request that a worker has started", async () => {
      const record = pendingRecord();
      await accept({ record });
      await bench.store.requests.applyTo(record, submitIntended({ at: T0 }));
      await bench.store.requests.withdraw({ record, idempotency: null });
      expect((await bench.store.requests.get(record))?.rev).toBe("2");
    });

    test("returns its followers, which need another leader", async () => {
      const record = pendingRecord({ cache: CACHED });
      await accept({ record });
      const follower = pendingRecord({ cache: { ...CACHED, reason: "joined", leaderId: record.id } });
      expect((await accept({ record: follower })).kind).toBe("new");
      expect(await bench.store.requests.withdraw({ record, idempotency: null })).toEqual([follower.id]);
      expect(await bench.store.sharing.claimFlight(follower)).toBe(follower.id);
    });
  });

  test("postponeOrphan: postpones once, and only a request that no worker has started", async () => {
    const record = pendingRecord();
    await accept({ record });
    bench.clock.advance(60_000);
    expect(await bench.store.maintenance.overdueRequests(10)).toHaveLength(1);
    expect(await bench.store.maintenance.postponeOrphan(record)).toBe(true);
    bench.clock.advance(29_999);
    expect(await bench.store.maintenance.overdueRequests(10)).toEqual([]);
    bench.clock.advance(1);
    expect(await bench.store.maintenance.overdueRequests(10)).toHaveLength(1);
    expect(await bench.store.maintenance.postponeOrphan(record)).toBe(false);
    const started = pendingRecord();
    await accept({ record: started });
    await bench.store.requests.applyTo(started, submitIntended({ at: T0 }));
    expect(await bench.store.maintenance.postponeOrphan(started)).toBe(false);
    expect(await bench.store.maintenance.postponeOrphan(pendingRecord())).toBe(false);
  });

  describe("a provider's job", () => {
    test("belongs to the first of 100 simultaneous claims, and to the same request again", async () => {
      const stores = await connectSeveral(bench, 4);
      const claims = await callConcurrently(stores, 100, (store, index) =>
        store.providerJobs.claim("fal", "job", { organization: "acme", id: `request-${index}` }),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      const owner = { organization: "acme", id: `request-${claims.indexOf(true)}` };
      expect(await bench.store.providerJobs.claim("fal", "job", owner)).toBe(true);
      expect(await bench.store.providerJobs.claim("replicate", "job", { organization: "acme", id: "x" })).toBe(true);
      expect(await bench.store.providerJobs.claim("fal", "job", { organization: "globex", id: owner.id })).toBe(false);
    });
  });

  test("countDeath: counts each process once, starts again after a transition, and creates no record", async () => {
    const record = pendingRecord();
    await accept({ record });
    const die = (leaseId: string) => bench.store.requests.countDeath(record, leaseId);
    expect([await die("one"), await die("two"), await die("one")]).toEqual([1, 2, 2]);
    expect(await bench.store.requests.get(record)).toEqual({ rev: "1", doc: record, deaths: 2 });
    await bench.store.requests.forgetDeaths(record);
    expect(await bench.store.requests.get(record)).toEqual({ rev: "1", doc: record });
    await die("three");
    await bench.store.requests.applyTo(record, submitIntended({ at: T0 }));
    expect(await bench.store.requests.get(record)).not.toHaveProperty("deaths");
    const unknown = pendingRecord();
    expect(await bench.store.requests.countDeath(unknown, "one")).toBe(0);
    expect(await keysContaining(bench, unknown.id)).toEqual([]);
  });
}
