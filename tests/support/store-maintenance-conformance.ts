/** Conformance of a store: what the sweeper and the pruner read, and API keys. */
import type { RequestRecord, RequestRef } from "@visgate/shared/request";
import { hashApiKey, registerDefaultOrganization } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { NEVER_LATE, pendingRecord, renderedRecord, T0 } from "./records.js";
import { connectSeveral, keysContaining, type OpenBench, type StoreBench } from "./store-bench.js";

export function maintenanceConformance(open: OpenBench): void {
  let bench: StoreBench;
  const keep = async (record: RequestRecord) => {
    const idempotency = { keyHash: `key-${record.id}`, bodyHash: "b", ttlSeconds: 60 };
    await bench.store.requests.accept({ record, idempotency, notAfter: NEVER_LATE, encryptedProviderKey: "sealed" });
    return { organization: record.organization, id: record.id };
  };
  const erase = async (ref: RequestRef) => {
    const stored = await bench.store.requests.get(ref);
    return stored !== null && bench.store.maintenance.erase(stored);
  };
  beforeEach(async () => {
    bench = await open();
    for (const organization of ["acme", "globex"]) await bench.store.apiKeys.registerOrganization(organization);
  });

  describe("overdue requests", () => {
    test("are each returned once to three concurrent sweepers", async () => {
      const organizations = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? "acme" : "globex"));
      const refs = await Promise.all(organizations.map((organization) => keep(pendingRecord({ organization }))));
      bench.clock.advance(3_600_000);
      const sweepers = await connectSeveral(bench, 3);
      const claims = await Promise.all(sweepers.map((store) => store.maintenance.overdueRequests(20)));
      const ids = claims.flat().map(({ id }) => id);
      expect(ids).toHaveLength(refs.length);
      expect(new Set(ids)).toEqual(new Set(refs.map(({ id }) => id)));
    });

    test("are postponed by a minute, and returned again while they are open", async () => {
      await keep(pendingRecord());
      bench.clock.advance(10_000);
      const { maintenance } = bench.store;
      expect(await maintenance.overdueRequests(10)).toHaveLength(1);
      expect(await maintenance.overdueRequests(10)).toHaveLength(0);
      bench.clock.advance(59_999);
      expect(await maintenance.overdueRequests(10)).toHaveLength(0);
      bench.clock.advance(1);
      expect(await maintenance.overdueRequests(10)).toHaveLength(1);
    });

    test("are returned longest overdue first, up to the limit per organization", async () => {
      const late = await keep(pendingRecord({ createdAt: T0 + 2000 }));
      const later = await keep(pendingRecord({ createdAt: T0 + 3000 }));
      const first = await keep(pendingRecord({ createdAt: T0 + 1000 }));
      bench.clock.advance(3_600_000);
      expect(await bench.store.maintenance.overdueRequests(2)).toEqual([first, late]);
      expect(await bench.store.maintenance.overdueRequests(2)).toEqual([later]);
    });
  });

  describe("retention", () => {
    test("expiredRequests returns the requests created before a time, oldest first", async () => {
      const second = await keep(pendingRecord({ createdAt: T0 + 2000 }));
      const first = await keep(pendingRecord({ createdAt: T0 + 1000, organization: "acme" }));
      await keep(pendingRecord({ createdAt: T0 + 3000 }));
      const { maintenance } = bench.store;
      expect(await maintenance.expiredRequests(T0 + 2000, 10)).toEqual([first, second]);
      expect(await maintenance.expiredRequests(T0 + 2000, 1)).toEqual([first]);
      expect(await maintenance.expiredRequests(T0 + 999, 10)).toEqual([]);
    });

    test("erase removes every key, index entry and delivery of a request", async () => {
      const record = renderedRecord({ webhookUrl: "https://example.com/hook" });
      const erased = await keep(record);
      const other = await keep(renderedRecord({ webhookUrl: "https://example.com/hook" }));
      for (const ref of [erased, other]) {
        await bench.store.requests.applyTo(ref, { name: "completed", at: T0, outputs: [] });
      }
      expect((await keysContaining(bench, erased.id)).length).toBeGreaterThanOrEqual(4);
      const othersKeys = await keysContaining(bench, other.id);
      expect(await erase(erased)).toBe(true);
      const idempotencyKey = bench.store.keys.idempotency("acme", `key-${erased.id}`);
      const { feed, trash } = bench.store.keys;
      const left = [idempotencyKey, feed("acme"), trash("acme")];
      expect((await keysContaining(bench, erased.id)).toSorted()).toEqual(left.toSorted());
      expect(new Set(await bench.store.maintenance.trash("acme"))).toEqual(
        new Set([`in/${erased.id}`, `out/${erased.id}`]),
      );
      expect(await bench.ttlSeconds(idempotencyKey)).toBeGreaterThan(0);
      expect(await keysContaining(bench, record.input.prompt)).toEqual([bench.store.keys.request("acme", other.id)]);
      expect(await keysContaining(bench, other.id)).toEqual(othersKeys);
    });

    test("erase removes an open request from the open index", async () => {
      const ref = await keep(pendingRecord());
      expect(await erase(ref)).toBe(true);
      expect(await bench.store.maintenance.openCount()).toBe(0);
    });
  });

  describe("API keys", () => {
    const KEY = "vg-0123456789abcdef-first";
    const NEW_KEY = "vg-0123456789abcdef-second";

    test("the bootstrap key belongs to the organization default, and its text is not stored", async () => {
      const { apiKeys } = bench.store;
      await registerDefaultOrganization(apiKeys, KEY);
      expect(await apiKeys.find(hashApiKey(KEY))).toMatchObject({ organization: "default", id: "bootstrap" });
      expect(await keysContaining(bench, KEY)).toEqual([]);
    });

    test("an unknown key is null", async () => {
      expect(await bench.store.apiKeys.find(hashApiKey("vg-unknown"))).toBeNull();
    });

    test("a new bootstrap key invalidates the old one, also when it is registered several times", async () => {
      const { apiKeys } = bench.store;
      for (const key of [KEY, KEY, NEW_KEY, NEW_KEY]) await registerDefaultOrganization(apiKeys, key);
      expect(await apiKeys.find(hashApiKey(KEY))).toBeNull();
      expect(await apiKeys.find(hashApiKey(NEW_KEY))).not.toBeNull();
    });

    test("a process without the bootstrap key, as a worker, does not change it", async () => {
      const { apiKeys } = bench.store;
      await registerDefaultOrganization(apiKeys, KEY);
      await registerDefaultOrganization(apiKeys, null);
      expect(await apiKeys.find(hashApiKey(KEY))).not.toBeNull();
    });

    test("a new bootstrap key does not change keys with other ids", async () => {
      const { apiKeys } = bench.store;
      const other = { id: "k2", organization: "acme", organizationName: "Acme", name: "ci" };
      await apiKeys.register(hashApiKey("vg-other"), other);
      await registerDefaultOrganization(apiKeys, KEY);
      await registerDefaultOrganization(apiKeys, NEW_KEY);
      expect(await apiKeys.find(hashApiKey("vg-other"))).toEqual(other);
    });
  });
}
