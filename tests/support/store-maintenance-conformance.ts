/** Conformance of a store: what the sweeper and the pruner read, and API keys. */
import { hashApiKey, newOrganization } from "@visgate/shared/organization";
import type { RequestRecord, RequestRef } from "@visgate/shared/request";
import { registerDefaultOrganization } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { apiKeyOf, NEVER_LATE, pendingRecord, renderedRecord, T0 } from "./records.js";
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
    for (const organization of ["acme", "globex"]) await bench.store.organizations.ensure(organization, 0);
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
    const registerDefault = (key: string | null) => registerDefaultOrganization(bench.store, key, T0);
    const find = (key: string) => bench.store.apiKeys.find(hashApiKey(key));

    test("the bootstrap key belongs to the organization default, and its text is not stored", async () => {
      await registerDefault(KEY);
      expect(await find(KEY)).toMatchObject({ apiKey: { id: "bootstrap" }, organization: { id: "default" } });
      expect(await keysContaining(bench, KEY)).toEqual([]);
    });

    test("an unknown key is null", async () => {
      expect(await find("vg-unknown")).toBeNull();
    });

    test("a new bootstrap key invalidates the old one, also when it is registered several times", async () => {
      for (const key of [KEY, KEY, NEW_KEY, NEW_KEY]) await registerDefault(key);
      expect(await find(KEY)).toBeNull();
      expect(await find(NEW_KEY)).not.toBeNull();
    });

    test("a process without the bootstrap key, as a worker, does not change it", async () => {
      await registerDefault(KEY);
      await registerDefault(null);
      expect(await find(KEY)).not.toBeNull();
    });

    test("a new bootstrap key does not change keys with other ids", async () => {
      const other = apiKeyOf({ id: "k2" }, "vg-other");
      await bench.store.apiKeys.save(other, null);
      for (const key of [KEY, NEW_KEY]) await registerDefault(key);
      expect(await find("vg-other")).toMatchObject({ apiKey: other });
    });

    test("a removed key is found by no process, and the removal is in the audit log", async () => {
      const { store } = bench;
      await store.apiKeys.save(apiKeyOf({ id: "k2" }, KEY), null);
      const audit = { action: "api_key.deleted", by: { kind: "admin" }, at: T0, target: "k2", details: {} } as const;
      expect(await store.apiKeys.remove("globex", "k2", audit)).toBe(false);
      expect(await store.apiKeys.remove("acme", "k2", audit)).toBe(true);
      for (const other of await connectSeveral(bench, 2)) expect(await other.apiKeys.find(hashApiKey(KEY))).toBeNull();
      expect(await store.apiKeys.list("acme")).toEqual([]);
      expect((await store.auditLog.read("acme", null, 10)).map(({ entry }) => entry)).toEqual([audit]);
      expect(await store.auditLog.read("globex", null, 10)).toEqual([]);
    });
  });

  describe("organizations", () => {
    test("one that exists is neither created again nor changed", async () => {
      const { organizations } = bench.store;
      expect(await organizations.create(newOrganization("acme", "Other", T0), null)).toBe(false);
      expect(await organizations.get("acme")).toMatchObject({ name: "acme" });
    });

    test("concurrent changes are all kept", async () => {
      const stores = await connectSeveral(bench, 5);
      const audit = {
        action: "organization.updated",
        by: { kind: "admin" },
        at: T0,
        target: "acme",
        details: {},
      } as const;
      await Promise.all(
        stores.map(({ organizations }) =>
          organizations.update("acme", (before) => ({ after: { ...before, weight: before.weight + 1 }, audit })),
        ),
      );
      expect(await bench.store.organizations.get("acme")).toMatchObject({ weight: 6 });
      expect(await bench.store.auditLog.read("acme", null, 10)).toHaveLength(5);
    });
  });
}
