/** Conformance of a store: the result cache, and equal requests in flight. */
import { newRequestId } from "@visgate/shared/ids";
import type { CacheReason, Output, RequestRecord, RequestRef } from "@visgate/shared/request";
import type { Accepted } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "./records.js";
import {
  callConcurrently,
  connectSeveral,
  countBy,
  keysContaining,
  type OpenBench,
  type StoreBench,
} from "./store-bench.js";

const OUTPUT: Output = { kind: "stored", key: "acme/out/x/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };
const HASH = "cache-hash";

const request = (reason: CacheReason = "miss", overrides: Partial<RequestRecord> = {}): RequestRecord =>
  pendingRecord({
    cache: { hash: HASH, reason, leaderId: null, sharedFrom: null, avoidedCostMicro: 0 },
    ...overrides,
  });
const joining = (leaderId: string) => {
  const record = request("joined");
  return { ...record, cache: { ...record.cache, leaderId } };
};
const cacheHitOf = (source: RequestRef, overrides: Partial<RequestRecord> = {}): RequestRecord => {
  const record = request("exact", { status: "completed", completedAt: T0, outputs: [OUTPUT], ...overrides });
  return { ...record, cache: { ...record.cache, sharedFrom: source, avoidedCostMicro: 5 } };
};
const refOf = ({ organization, id }: RequestRecord): RequestRef => ({ organization, id });
const kindOf = (answer: Accepted) => (answer.kind === "changed" ? `changed to ${answer.found.kind}` : answer.kind);

export function cacheConformance(open: OpenBench): void {
  let bench: StoreBench;
  const accept = (record: RequestRecord) =>
    bench.store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
  const render = async (ref: RequestRef) => {
    const { requests } = bench.store;
    await requests.applyTo(ref, submitIntended({ at: T0 }));
    await requests.applyTo(ref, { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: `p-${ref.id}` });
    const outputs = [{ url: "https://media.example.com/0.mp4" }];
    await requests.applyTo(ref, {
      name: "rendered",
      at: T0,
      outputs,
      withheld: 0,
      costMicro: 7,
      costSource: "provider",
    });
  };
  const complete = async (ref: RequestRef, outputs: Output[] = [OUTPUT]) => {
    await render(ref);
    return bench.store.requests.applyTo(ref, { name: "completed", at: T0, outputs });
  };
  const fail = (ref: RequestRef) =>
    bench.store.requests.applyTo(ref, { name: "failed", at: T0, failure: failure(), billedMicro: null });
  const share = (ref: RequestRef, source: RequestRef) =>
    bench.store.requests.applyTo(ref, { name: "shared", at: T0, outputs: [OUTPUT], source, costMicro: 7 });
  const erase = async (ref: RequestRef) => {
    const stored = await bench.store.requests.get(ref);
    if (stored !== null) await bench.store.maintenance.erase(stored);
  };
  const entryKey = () => bench.store.keys.cacheEntry("acme", HASH);
  beforeEach(async () => {
    bench = await open();
    for (const organization of ["acme", "globex"]) await bench.store.organizations.ensure(organization, 0);
  });

  describe("the result cache", () => {
    test("an equal request finds a completed output with its cost, until the entry expires", async () => {
      const first = request();
      await accept(first);
      await complete(first);
      expect(await accept(request())).toEqual({
        kind: "changed",
        found: { kind: "hit", output: { source: refOf(first), outputs: [OUTPUT], costMicro: 7 } },
      });
      const left = await bench.ttlSeconds(entryKey());
      expect(left).toBeGreaterThan(90);
      expect(left).toBeLessThanOrEqual(100);
    });

    test("a hit is accepted as completed: not open, without a provider key, with its event", async () => {
      const first = request();
      await accept(first);
      await complete(first);
      const hit = cacheHitOf(refOf(first), { webhookUrl: "https://example.com/hook" });
      const command = { record: hit, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: "sealed" };
      expect(await bench.store.requests.accept(command)).toEqual({ kind: "new", id: hit.id });
      expect((await bench.store.requests.get(hit))?.doc).toEqual(hit);
      expect(await bench.store.requests.providerKey(hit)).toBeNull();
      expect(await bench.store.maintenance.openCount()).toBe(0);
      expect(await bench.store.deliveries.ofRequest(hit)).toHaveLength(1);
      const events = await bench.store.feed.read("acme", 0, 10);
      expect(
        events.filter((event) => "requestId" in event && event.requestId === hit.id).map(({ type }) => type),
      ).toEqual(["request.completed"]);
    });

    test("a hit of an entry that no longer exists is not accepted, and writes nothing", async () => {
      const first = request();
      await accept(first);
      await complete(first);
      await bench.redis.del(entryKey());
      const hit = cacheHitOf(refOf(first));
      expect(kindOf(await accept(hit))).toBe("changed to miss");
      expect(await keysContaining(bench, hit.id)).toEqual([]);
    });

    test.each(["off", "refreshed"] as const)(
      "a request with cache reason %s does not read the cache",
      async (reason) => {
        const first = request();
        await accept(first);
        await complete(first);
        const record = request(reason);
        const cache = { ...record.cache, hash: reason === "off" ? null : HASH };
        expect(kindOf(await accept({ ...record, cache }))).toBe("new");
      },
    );

    test("a refreshed output replaces the entry, an output with the cache off does not", async () => {
      const [first, refreshed] = [request(), request("refreshed")];
      const off = pendingRecord();
      for (const record of [first, refreshed, off]) {
        await accept(record);
        await complete(record);
      }
      expect(await accept(request())).toMatchObject({ found: { output: { source: refOf(refreshed) } } });
    });

    test("an older request that ends later does not replace a refreshed output", async () => {
      const older = request();
      const refreshed = request("refreshed", { id: newRequestId(T0 + 1) });
      await accept(older);
      await accept(refreshed);
      await complete(refreshed);
      await complete(older);
      expect(await accept(request())).toMatchObject({ found: { output: { source: refOf(refreshed) } } });
    });

    test("neither a failure nor an output at the provider's own URL is cached", async () => {
      const [failed, remote] = [request(), request()];
      await accept(failed);
      await fail(failed);
      await accept(remote);
      await complete(remote, [{ kind: "remote", url: "https://media.example.com/0.mp4" }]);
      expect(kindOf(await accept(request()))).toBe("new");
    });

    test("another organization does not find the entry", async () => {
      const first = request();
      await accept(first);
      await complete(first);
      expect(kindOf(await accept(request("miss", { organization: "globex" })))).toBe("new");
    });
  });

  describe("equal requests in flight", () => {
    test("100 concurrent requests over four connections: one leads, 99 get the id of the leader", async () => {
      const stores = await connectSeveral(bench, 4);
      const answers = await callConcurrently(stores, 100, (store) =>
        store.requests.accept({
          record: request(),
          idempotency: null,
          notAfter: NEVER_LATE,
          encryptedProviderKey: null,
        }),
      );
      expect(countBy(answers, kindOf)).toEqual({ new: 1, "changed to joined": 99 });
      expect(await bench.store.maintenance.openCount()).toBe(1);
    });

    test("a follower is on the list of its leader, and is open", async () => {
      const leader = request();
      const follower = joining(leader.id);
      await accept(leader);
      expect(kindOf(await accept(follower))).toBe("new");
      expect(await bench.store.sharing.followers(leader)).toEqual([follower.id]);
      expect(await bench.store.maintenance.openCount()).toBe(2);
      expect((await bench.store.timeline.changes(follower)).map(({ name }) => name)).toEqual(["joined"]);
    });

    test("a request that expects to join a leader that has ended is not accepted", async () => {
      const leader = request();
      await accept(leader);
      await complete(leader);
      expect(kindOf(await accept(joining(leader.id)))).toBe("changed to hit");
    });

    test("a terminal request does not lead any more", async () => {
      const [failed, next] = [request(), request()];
      await accept(failed);
      await fail(failed);
      expect(kindOf(await accept(next))).toBe("new");
    });

    test("20 followers of a failed leader at once: one leads, and has the other 19 on its list", async () => {
      const leader = request();
      await accept(leader);
      const followers = Array.from({ length: 20 }, () => joining(leader.id));
      for (const follower of followers) await accept(follower);
      await fail(leader);
      const stores = await connectSeveral(bench, 4);
      const leaders = await callConcurrently(stores, 20, (store, index) =>
        store.sharing.claimFlight(followers[index] ?? leader),
      );
      expect(new Set(leaders).size).toBe(1);
      const [next = ""] = leaders;
      const others = followers.map(({ id }) => id).filter((id) => id !== next);
      expect((await bench.store.sharing.followers({ organization: "acme", id: next })).toSorted()).toEqual(
        others.toSorted(),
      );
    });

    test("a follower that has ended does not become the leader", async () => {
      const leader = request();
      const follower = joining(leader.id);
      await accept(leader);
      await accept(follower);
      await fail(leader);
      await fail(follower);
      expect(await bench.store.sharing.claimFlight(follower)).toBe("");
      expect(kindOf(await accept(request()))).toBe("new");
    });

    test("a refreshing request leads only when there is no leader, and never follows", async () => {
      const [leader, refreshed] = [request(), request("refreshed")];
      await accept(leader);
      expect(kindOf(await accept(refreshed))).toBe("new");
      expect(await accept(request())).toMatchObject({ found: { kind: "joined", leaderId: leader.id } });
    });
  });

  describe("a shared output", () => {
    test("goes to the trash after the last request that shows it", async () => {
      const leader = request();
      const follower = joining(leader.id);
      await accept(leader);
      await accept(follower);
      await complete(leader);
      expect((await share(follower, refOf(leader))).kind).toBe("applied");
      await erase(leader);
      expect(await bench.store.maintenance.trash("acme")).toEqual([`in/${leader.id}`]);
      expect(kindOf(await accept(request()))).toBe("new");
      await erase(follower);
      expect(await bench.store.maintenance.trash("acme")).toContain(`out/${leader.id}`);
    });

    test("is kept for a cache hit too", async () => {
      const owner = request();
      await accept(owner);
      await complete(owner);
      const hit = cacheHitOf(refOf(owner));
      await accept(hit);
      await erase(owner);
      expect(await bench.store.maintenance.trash("acme")).toEqual([`in/${owner.id}`]);
      await erase(hit);
      expect(await bench.store.maintenance.trash("acme")).toContain(`out/${owner.id}`);
    });

    test("that no longer exists cannot be shared", async () => {
      const leader = request();
      const follower = joining(leader.id);
      await accept(leader);
      await accept(follower);
      await complete(leader);
      await erase(leader);
      expect((await share(follower, refOf(leader))).kind).toBe("output_gone");
      expect((await bench.store.requests.get(follower))?.doc.status).toBe("pending");
    });

    test("of another organization can be borrowed while it exists, and given back", async () => {
      const { sharing, maintenance } = bench.store;
      const owner = request();
      await accept(owner);
      expect(await sharing.borrow(refOf(owner), "theirs")).toBe(false);
      await complete(owner);
      expect(await sharing.borrow(refOf(owner), "theirs")).toBe(true);
      await erase(owner);
      expect(await maintenance.trash("acme")).not.toContain(`out/${owner.id}`);
      await sharing.giveBack(refOf(owner), "theirs");
      expect(await maintenance.trash("acme")).toContain(`out/${owner.id}`);
    });
  });
}
