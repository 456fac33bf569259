/** Conformance of a store: transitions by compare-and-set, and the deliveries that they create. */
import type { RequestRecord, Transition } from "@visgate/shared/request";
import type { StoredDelivery } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import {
  failure,
  intent,
  NEVER_LATE,
  pendingRecord,
  processingRecord,
  renderedRecord,
  submitIntended,
  T0,
} from "./records.js";
import {
  callConcurrently,
  connectSeveral,
  countBy,
  keysContaining,
  type OpenBench,
  type StoreBench,
} from "./store-bench.js";

const completed: Transition = { name: "completed", at: T0 + 900, outputs: [] };
const failed: Transition = { name: "failed", at: T0 + 900, failure: failure(), billedMicro: null };
const intended: Transition = submitIntended({ at: T0 + 1 });
const WEBHOOK = "https://example.com/hook";

export function applyConformance(open: OpenBench): void {
  let bench: StoreBench;
  const keep = async (record: RequestRecord, encryptedProviderKey: string | null = null) => {
    await bench.store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey });
    return record;
  };
  const read = async (record: RequestRecord) => {
    const stored = await bench.store.requests.get(record);
    if (stored === null) throw new Error("the record is not there");
    return stored;
  };
  beforeEach(async () => {
    bench = await open();
    await bench.store.organizations.ensure("acme", 0);
  });

  describe("apply", () => {
    test("writes the changed record under the next revision", async () => {
      const record = await keep(pendingRecord());
      const applied = await bench.store.requests.applyTo(record, intended);
      expect(applied).toMatchObject({ kind: "applied", current: { rev: "2" } });
      expect(await bench.store.requests.get(record)).toEqual({
        rev: "2",
        doc: { ...record, intent: intent({ attempt: 1, at: T0 + 1 }), attempts: 1, chargeState: "held" },
      });
    });

    test("a transition that the record refuses is stale, returns the record and writes nothing", async () => {
      const record = await keep(processingRecord());
      const applied = await bench.store.requests.applyTo(record, completed);
      expect(applied).toEqual({ kind: "stale", current: { rev: "1", doc: record } });
      expect(await bench.store.requests.get(record)).toEqual({ rev: "1", doc: record });
    });

    test("an unknown request is missing, and is not created", async () => {
      const record = pendingRecord();
      expect(await bench.store.requests.applyTo(record, failed)).toEqual({ kind: "missing" });
      expect(await keysContaining(bench, record.id)).toEqual([]);
    });

    test("a request that was erased since it was read is missing, and is not written again", async () => {
      const record = await keep(pendingRecord());
      const known = await read(record);
      expect(await bench.store.maintenance.erase(known)).toBe(true);
      expect(await bench.store.requests.apply(known, failed)).toEqual({ kind: "missing" });
      expect(await keysContaining(bench, record.id)).toEqual([bench.store.keys.trash("acme")]);
    });

    test("a record that changed since it was read is read again, and no change is lost", async () => {
      const record = await keep(processingRecord());
      const known = await read(record);
      await bench.store.requests.applyTo(record, { name: "cancel_requested", at: T0 + 5 });
      const observed = { name: "observed", progress: 0.5, queuePosition: null } as const;
      const applied = await bench.store.requests.apply(known, observed);
      expect(applied.kind).toBe("applied");
      expect((await bench.store.requests.get(record))?.doc).toMatchObject({ cancelRequestedAt: T0 + 5, progress: 0.5 });
    });

    test("a request that ended since it was read does not end again", async () => {
      const record = await keep(renderedRecord());
      const known = await read(record);
      await bench.store.requests.applyTo(record, completed);
      const late = await bench.store.requests.apply(known, failed);
      expect(late).toMatchObject({ kind: "stale", current: { doc: { status: "completed" } } });
    });

    test("100 concurrent intents: one is applied, 99 are stale", async () => {
      const record = await keep(pendingRecord());
      const known = await read(record);
      const stores = await connectSeveral(bench, 4);
      const all = await callConcurrently(stores, 100, (store) => store.requests.apply(known, intended));
      expect(countBy(all, ({ kind }) => kind)).toEqual({ applied: 1, stale: 99 });
    });

    test("100 concurrent ends: one is applied, 99 are stale, one delivery is created", async () => {
      const record = await keep(renderedRecord({ webhookUrl: WEBHOOK }));
      const known = await read(record);
      const stores = await connectSeveral(bench, 4);
      const all = await callConcurrently(stores, 100, (store, index) =>
        store.requests.apply(known, index % 2 === 0 ? completed : failed),
      );
      expect(countBy(all, ({ kind }) => kind)).toEqual({ applied: 1, stale: 99 });
      const [winner] = all.filter((one) => one.kind === "applied");
      const { doc } = (await bench.store.requests.get(record)) ?? {};
      expect(doc).toEqual(winner?.kind === "applied" && winner.current.doc);
      const delivery = await bench.store.deliveries.get({ organization: "acme", id: `msg_${record.id}` });
      expect(delivery?.doc.type).toBe(`request.${doc?.status}`);
      expect(delivery?.rev).toBe("1");
      bench.clock.advance(3_600_000);
      expect(await bench.store.maintenance.overdueDeliveries(1000)).toHaveLength(1);
    });

    test("the caller's provider key is erased at the end, and is never part of the record", async () => {
      const record = await keep(processingRecord(), "sealed-key-of-the-caller");
      expect(await bench.store.requests.providerKey(record)).toBe("sealed-key-of-the-caller");
      expect(JSON.stringify(await bench.store.requests.get(record))).not.toContain("sealed-key");
      await bench.store.requests.applyTo(record, { name: "observed", progress: 0.5, queuePosition: null });
      expect(await bench.store.requests.providerKey(record)).toBe("sealed-key-of-the-caller");
      await bench.store.requests.applyTo(record, failed);
      expect(await bench.store.requests.providerKey(record)).toBeNull();
      expect(await keysContaining(bench, "sealed-key-of-the-caller")).toEqual([]);
    });

    test("a submit that is not accepted does not store the caller's provider key", async () => {
      const first = { record: pendingRecord(), idempotency: { keyHash: "k", bodyHash: "b", ttlSeconds: 60 } };
      await bench.store.requests.accept({ ...first, notAfter: NEVER_LATE, encryptedProviderKey: null });
      await bench.store.requests.accept({
        ...first,
        record: pendingRecord(),
        notAfter: NEVER_LATE,
        encryptedProviderKey: "sealed-again",
      });
      expect(await keysContaining(bench, "sealed-again")).toEqual([]);
    });
  });

  describe("the open index", () => {
    test.each([
      { what: "pending", record: pendingRecord(), transition: intended, open: 1 },
      {
        what: "processing",
        record: processingRecord(),
        transition: { name: "cancel_requested", at: 1 } as const,
        open: 1,
      },
      { what: "completed", record: renderedRecord(), transition: completed, open: 0 },
      { what: "failed", record: pendingRecord(), transition: failed, open: 0 },
    ])("contains a $what request $open times", async ({ record, transition, open: count }) => {
      await keep(record);
      expect((await bench.store.requests.applyTo(record, transition)).kind).toBe("applied");
      expect(await bench.store.maintenance.openCount()).toBe(count);
      bench.clock.advance(365 * 86_400_000);
      expect(await bench.store.maintenance.overdueRequests(10)).toHaveLength(count);
    });

    test("a request is overdue a minute after its last transition", async () => {
      const record = await keep(pendingRecord());
      bench.clock.advance(20_000);
      await bench.store.requests.applyTo(record, intended);
      bench.clock.advance(59_999);
      expect(await bench.store.maintenance.overdueRequests(10)).toEqual([]);
      bench.clock.advance(1);
      expect(await bench.store.maintenance.overdueRequests(10)).toHaveLength(1);
    });
  });

  describe("deliveries", () => {
    const ended = async (): Promise<StoredDelivery> => {
      const record = await keep(renderedRecord({ webhookUrl: WEBHOOK }));
      await bench.store.requests.applyTo(record, completed);
      const [stored] = await bench.store.deliveries.ofRequest(record);
      if (stored === undefined) throw new Error("no delivery was created");
      return stored;
    };

    test("are created pending, with a stable id and their sequence number", async () => {
      const { doc } = await ended();
      expect(doc).toEqual({
        v: 1,
        id: `msg_${doc.requestId}`,
        eventId: `msg_${doc.requestId}`,
        endpointId: null,
        change: 1,
        sequence: 1,
        organization: "acme",
        requestId: doc.requestId,
        type: "request.completed",
        createdAt: bench.clock.now(),
        state: "pending",
        attempts: [],
        attemptsBefore: 0,
        nextAttemptAt: null,
      });
    });

    test("are not created for a request without a webhook URL", async () => {
      const record = await keep(renderedRecord());
      expect(await bench.store.requests.applyTo(record, completed)).toMatchObject({ kind: "applied" });
      bench.clock.advance(3_600_000);
      expect(await bench.store.maintenance.overdueDeliveries(10)).toEqual([]);
      expect((await keysContaining(bench, `msg_${record.id}`)).length).toBe(0);
    });

    test("saved twice from the same revision: only the first save is written", async () => {
      const { rev, doc } = await ended();
      const attempt = (error: string) => ({ ...doc, attempts: [{ at: 1, by: "w", httpStatus: 500, ms: 1, error }] });
      const stores = await connectSeveral(bench, 2);
      const saved = await callConcurrently(stores, 2, (store, index) =>
        store.deliveries.save(rev, attempt(`by ${index}`), 1000),
      );
      expect(saved.toSorted()).toEqual([false, true]);
      const kept = await bench.store.deliveries.get(doc);
      expect(kept?.doc.attempts).toEqual(attempt(`by ${saved.indexOf(true)}`).attempts);
      expect(kept?.rev).toBe("2");
    });

    test("are overdue a minute after their next attempt, and never after their end", async () => {
      const { rev, doc } = await ended();
      await bench.store.deliveries.save(rev, doc, 5000);
      bench.clock.advance(64_999);
      expect(await bench.store.maintenance.overdueDeliveries(10)).toEqual([]);
      bench.clock.advance(1);
      expect(await bench.store.maintenance.overdueDeliveries(10)).toEqual([{ organization: "acme", id: doc.id }]);
      await bench.store.deliveries.save("2", { ...doc, state: "delivered" }, null);
      bench.clock.advance(365 * 86_400_000);
      expect(await bench.store.maintenance.overdueDeliveries(10)).toEqual([]);
      expect((await bench.store.deliveries.get(doc))?.doc.state).toBe("delivered");
    });

    test("are not written again after they were erased", async () => {
      const { rev, doc } = await ended();
      const request = await bench.store.requests.get({ organization: "acme", id: doc.requestId ?? "" });
      if (request !== null) await bench.store.maintenance.erase(request);
      expect(await bench.store.deliveries.get(doc)).toBeNull();
      expect(await bench.store.deliveries.save(rev, doc, 1000)).toBe(false);
      expect(await keysContaining(bench, doc.id)).toEqual([]);
    });
  });
}
