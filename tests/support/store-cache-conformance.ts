/** Conformance of a store: the result cache, and equal requests in flight. */

import { newRequestId } from "@visgate/shared/ids";
import type { CacheReason, Output, RequestRecord, RequestRef } from "@visgate/shared/request";
import type { Accepted } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "./records.js";
import { connectSeveral, countBy, mentioning, type OpenBench, type StoreBench, storm } from "./store-bench.js";

const OUTPUT: Output = { kind: "stored", key: "acme/out/x/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };
const HASH = "hash-of-the-making";

const wish = (reason: CacheReason = "miss", overrides: Partial<RequestRecord> = {}): RequestRecord =>
  pendingRecord({
    cache: { hash: HASH, reason, leaderId: null, sharedFrom: null, avoidedCostMicro: 0 },
    ...overrides,
  });
const joining = (leaderId: string) => {
  const record = wish("joined");
  return { ...record, cache: { ...record.cache, leaderId } };
};
const hitting = (source: RequestRef, overrides: Partial<RequestRecord> = {}): RequestRecord => {
  const record = wish("exact", { status: "completed", completedAt: T0, outputs: [OUTPUT], ...overrides });
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
    await requests.applyTo(ref, { name: "accepted", at: T0, attempt: 1, providerRequestId: `p-${ref.id}` });
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
    for (const organization of ["acme", "globex"]) await bench.store.apiKeys.registerOrganization(organization);
  });

  describe("the result cache", () => {
    test("what completed is found by an equal request, with what it cost, for its time", async () => {
      const first = wish();
      await accept(first);
      await complete(first);
      expect(await accept(wish())).toEqual({
        kind: "changed",
        found: { kind: "hit", output: { source: refOf(first), outputs: [OUTPUT], costMicro: 7 } },
      });
      const left = await bench.ttlSeconds(entryKey());
      expect(left).toBeGreaterThan(90);
      expect(left).toBeLessThanOrEqual(100);
    });

    test("a hit is accepted as completed: not open, no key kept, its event told", async () => {
      const first = wish();
      await accept(first);
      await complete(first);
      const hit = hitting(refOf(first), { webhookUrl: "https://example.com/hook" });
      const command = { record: hit, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: "sealed" };
      expect(await bench.store.requests.accept(command)).toEqual({ kind: "new", id: hit.id });
      expect((await bench.store.requests.get(hit))?.doc).toEqual(hit);
      expect(await bench.store.requests.providerKey(hit)).toBeNull();
      expect(await bench.store.maintenance.openCount()).toBe(0);
      expect(await bench.store.deliveries.ofRequest(hit)).toHaveLength(1);
      const told = await bench.store.feed.read("acme", 0, 10);
      expect(told.filter(({ requestId }) => requestId === hit.id).map(({ type }) => type)).toEqual([
        "request.completed",
      ]);
    });

    test("a hit made for an entry that is gone is not accepted, and leaves nothing behind", async () => {
      const first = wish();
      await accept(first);
      await complete(first);
      await bench.redis.del(entryKey());
      const hit = hitting(refOf(first));
      expect(kindOf(await accept(hit))).toBe("changed to miss");
      expect(await mentioning(bench, hit.id)).toEqual([]);
    });

    test.each(["off", "refreshed"] as const)("%s does not look", async (reason) => {
      const first = wish();
      await accept(first);
      await complete(first);
      const record = wish(reason);
      const cache = { ...record.cache, hash: reason === "off" ? null : HASH };
      expect(kindOf(await accept({ ...record, cache }))).toBe("new");
    });

    test("a refreshed result replaces what is kept, an equal one that was off does not", async () => {
      const [first, refreshed] = [wish(), wish("refreshed")];
      const off = pendingRecord();
      for (const record of [first, refreshed, off]) {
        await accept(record);
        await complete(record);
      }
      expect(await accept(wish())).toMatchObject({ found: { output: { source: refOf(refreshed) } } });
    });

    test("an older request that ends later does not replace what a refresh has made", async () => {
      const older = wish();
      const refreshed = wish("refreshed", { id: newRequestId(T0 + 1) });
      await accept(older);
      await accept(refreshed);
      await complete(refreshed);
      await complete(older);
      expect(await accept(wish())).toMatchObject({ found: { output: { source: refOf(refreshed) } } });
    });

    test("neither a failure nor an output at the provider's own URL is kept", async () => {
      const [failed, remote] = [wish(), wish()];
      await accept(failed);
      await fail(failed);
      await accept(remote);
      await complete(remote, [{ kind: "remote", url: "https://media.example.com/0.mp4" }]);
      expect(kindOf(await accept(wish()))).toBe("new");
    });

    test("another organization finds nothing", async () => {
      const first = wish();
      await accept(first);
      await complete(first);
      expect(kindOf(await accept(wish("miss", { organization: "globex" })))).toBe("new");
    });
  });

  describe("equal requests in flight", () => {
    test("100 at once, over four connections: one leads, 99 are told whom to join", async () => {
      const stores = await connectSeveral(bench, 4);
      const answers = await storm(stores, 100, (store) =>
        store.requests.accept({ record: wish(), idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null }),
      );
      expect(countBy(answers, kindOf)).toEqual({ new: 1, "changed to joined": 99 });
      expect(await bench.store.maintenance.openCount()).toBe(1);
    });

    test("a follower is known to its leader, and open", async () => {
      const leader = wish();
      const follower = joining(leader.id);
      await accept(leader);
      expect(kindOf(await accept(follower))).toBe("new");
      expect(await bench.store.sharing.followers(leader)).toEqual([follower.id]);
      expect(await bench.store.maintenance.openCount()).toBe(2);
      expect((await bench.store.timeline.changes(follower)).map(({ name }) => name)).toEqual(["joined"]);
    });

    test("one that was told to join a leader that has ended is told the truth", async () => {
      const leader = wish();
      await accept(leader);
      await complete(leader);
      expect(kindOf(await accept(joining(leader.id)))).toBe("changed to hit");
    });

    test("whoever is terminal leads no more", async () => {
      const [failed, next] = [wish(), wish()];
      await accept(failed);
      await fail(failed);
      expect(kindOf(await accept(next))).toBe("new");
    });

    test("of 20 followers that hand over at once one leads, and knows the other 19", async () => {
      const leader = wish();
      await accept(leader);
      const followers = Array.from({ length: 20 }, () => joining(leader.id));
      for (const follower of followers) await accept(follower);
      await fail(leader);
      const stores = await connectSeveral(bench, 4);
      const led = await storm(stores, 20, (store, index) => store.sharing.claimFlight(followers[index] ?? leader));
      expect(new Set(led).size).toBe(1);
      const [next = ""] = led;
      const others = followers.map(({ id }) => id).filter((id) => id !== next);
      expect((await bench.store.sharing.followers({ organization: "acme", id: next })).toSorted()).toEqual(
        others.toSorted(),
      );
    });

    test("a follower that has ended meanwhile does not lead", async () => {
      const leader = wish();
      const follower = joining(leader.id);
      await accept(leader);
      await accept(follower);
      await fail(leader);
      await fail(follower);
      expect(await bench.store.sharing.claimFlight(follower)).toBe("");
      expect(kindOf(await accept(wish()))).toBe("new");
    });

    test("a refreshed one leads only when nobody does, and joins nobody", async () => {
      const [leader, refreshed] = [wish(), wish("refreshed")];
      await accept(leader);
      expect(kindOf(await accept(refreshed))).toBe("new");
      expect(await accept(wish())).toMatchObject({ found: { kind: "joined", leaderId: leader.id } });
    });
  });

  describe("a shared output", () => {
    test("goes to the trash with the last request that shows it", async () => {
      const leader = wish();
      const follower = joining(leader.id);
      await accept(leader);
      await accept(follower);
      await complete(leader);
      expect((await share(follower, refOf(leader))).kind).toBe("applied");
      await erase(leader);
      expect(await bench.store.maintenance.trash("acme")).toEqual([`in/${leader.id}`]);
      expect(kindOf(await accept(wish()))).toBe("new");
      await erase(follower);
      expect(await bench.store.maintenance.trash("acme")).toContain(`out/${leader.id}`);
    });

    test("is kept for a hit, too", async () => {
      const owner = wish();
      await accept(owner);
      await complete(owner);
      const hit = hitting(refOf(owner));
      await accept(hit);
      await erase(owner);
      expect(await bench.store.maintenance.trash("acme")).toEqual([`in/${owner.id}`]);
      await erase(hit);
      expect(await bench.store.maintenance.trash("acme")).toContain(`out/${owner.id}`);
    });

    test("that is gone cannot be shared any more", async () => {
      const leader = wish();
      const follower = joining(leader.id);
      await accept(leader);
      await accept(follower);
      await complete(leader);
      await erase(leader);
      expect((await share(follower, refOf(leader))).kind).toBe("output_gone");
      expect((await bench.store.requests.get(follower))?.doc.status).toBe("pending");
    });

    test("of another organization is borrowed while it is kept, and given back", async () => {
      const { sharing, maintenance } = bench.store;
      const owner = wish();
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
