/** Conformance of a store: time lines, the feed, and the deliveries of events. */
import type { RequestRecord, Transition } from "@visgate/shared/request";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, processingRecord, submitIntended, T0 } from "./records.js";
import { callConcurrently, connectSeveral, countBy, type OpenBench, type StoreBench } from "./store-bench.js";

const observed = (progress: number | null, queuePosition: number | null = null): Transition => {
  return { name: "observed", progress, queuePosition };
};
const failed: Transition = { name: "failed", at: T0, failure: failure(), billedMicro: null };

export function eventsConformance(open: OpenBench): void {
  let bench: StoreBench;
  const keep = async (record: RequestRecord) => {
    await bench.store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
    return record;
  };
  const subscribe = (endpoint: string, ...types: string[]) =>
    bench.redis.hset(bench.store.keys.subscriptions("acme"), endpoint, types.join(","));
  beforeEach(async () => {
    bench = await open();
    await bench.store.organizations.ensure("acme", 0);
  });

  describe("the time line", () => {
    test("has an entry per change, with its time, its process and the state of the record", async () => {
      const record = await keep(pendingRecord());
      const transitions: Transition[] = [
        submitIntended({ at: T0 }),
        { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "p" },
        ...[observed(null, 4), observed(null, 3), observed(0.01), observed(0.04), observed(0.31)],
        { name: "cancel_requested", at: T0 },
        failed,
      ];
      for (const transition of transitions) {
        bench.clock.advance(1000);
        await bench.store.requests.applyTo(record, transition);
      }
      const changes = await bench.store.timeline.changes(record);
      expect(changes.map(({ name, at, queuePosition, progress }) => [name, at - T0, queuePosition, progress])).toEqual([
        ["submitted", 2000, null, null],
        ["queued", 3000, 4, null],
        ["queued", 4000, 3, null],
        ["progress", 5000, null, 0.01],
        ["progress", 7000, null, 0.31],
        ["cancel_requested", 8000, null, 0.31],
        ["failed", 9000, null, 0.31],
      ]);
      expect(new Set(changes.map(({ by }) => by))).toEqual(new Set(["test"]));
      expect(changes.map(({ status }) => status).at(-1)).toBe("failed");
      expect(await bench.store.timeline.changes(record, 6)).toEqual(changes.slice(6));
      expect(await bench.store.timeline.change(record, 2)).toEqual(changes[1]);
      expect(await bench.store.timeline.change(record, 8)).toBeNull();
    });

    test("has no entry for a stale transition", async () => {
      const record = await keep(processingRecord());
      const stores = await connectSeveral(bench, 4);
      await callConcurrently(stores, 40, (store) => store.requests.applyTo(record, failed));
      expect(await bench.store.timeline.changes(record)).toHaveLength(1);
      expect(await bench.store.feed.read("acme", 0, 100)).toHaveLength(1);
    });
  });

  describe("the feed", () => {
    test("has the numbers 1 to 400 in order after 400 transitions over four connections", async () => {
      const records = await Promise.all(Array.from({ length: 200 }, () => keep(pendingRecord())));
      const stores = await connectSeveral(bench, 4);
      await callConcurrently(stores, 200, async ({ requests }, index) => {
        const record = records[index] ?? pendingRecord();
        await requests.applyTo(record, submitIntended({ at: T0 }));
        await requests.applyTo(record, { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "p" });
        await requests.applyTo(record, failed);
      });
      const entries = await bench.store.feed.read("acme", 0, 1000);
      expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
      expect(countBy(entries, ({ type }) => type)).toEqual({ "request.processing": 200, "request.failed": 200 });
      expect(
        new Set(entries.map((entry) => "change" in entry && entry.change === 2 && entry.requestId).filter(Boolean))
          .size,
      ).toBe(200);
      expect(await bench.store.feed.bounds("acme")).toEqual({ oldest: 1, latest: 400 });
      expect((await bench.store.feed.read("acme", 398, 10)).map(({ sequence }) => sequence)).toEqual([399, 400]);
    });

    test("can be trimmed, and returns the number of its oldest event", async () => {
      expect(await bench.store.feed.bounds("acme")).toEqual({ oldest: 1, latest: 0 });
      for (let count = 0; count < 3; count += 1) {
        bench.clock.advance(1000);
        await bench.store.requests.applyTo(await keep(pendingRecord()), failed);
      }
      await bench.store.feed.trim("acme", T0 + 3000);
      expect(await bench.store.feed.bounds("acme")).toEqual({ oldest: 3, latest: 3 });
      await bench.store.feed.trim("acme", T0 + 9000);
      expect(await bench.store.feed.bounds("acme")).toEqual({ oldest: 4, latest: 3 });
      await bench.store.requests.applyTo(await keep(pendingRecord()), failed);
      expect((await bench.store.feed.read("acme", 0, 10)).map(({ sequence }) => sequence)).toEqual([4]);
    });
  });

  describe("deliveries of an event", () => {
    test("go to the request's own URL and to each subscribed endpoint, under one webhook-id", async () => {
      await subscribe("we_all", "request.processing", "request.completed", "request.failed");
      await subscribe("we_some", "request.completed");
      await subscribe("we_failed", "request.failed");
      const record = await keep(pendingRecord({ webhookUrl: "https://example.com/hook" }));
      await bench.store.requests.applyTo(record, {
        ...submitIntended({ at: T0 }),
      });
      await bench.store.requests.applyTo(record, {
        name: "submit_accepted",
        at: T0,
        attempt: 1,
        providerRequestId: "p",
      });
      await bench.store.requests.applyTo(record, failed);
      const created = (await bench.store.deliveries.ofRequest(record)).map(({ doc }) => doc);
      const shown = created.map(({ id, eventId, endpointId, type, sequence }) => [
        id,
        eventId,
        endpointId,
        type,
        sequence,
      ]);
      const message = `msg_${record.id}`;
      expect(shown.slice(0, 2)).toEqual([
        [`${message}_1-we_all`, `${message}_1`, "we_all", "request.processing", 1],
        [message, message, null, "request.failed", 2],
      ]);
      expect(shown.slice(2).toSorted()).toEqual([
        [`${message}-we_all`, message, "we_all", "request.failed", 2],
        [`${message}-we_failed`, message, "we_failed", "request.failed", 2],
      ]);
      bench.clock.advance(10_000);
      expect(await bench.store.maintenance.overdueDeliveries(10)).toHaveLength(4);
    });

    test("are passed to onDeliveries by the store that makes the transition", async () => {
      const record = await keep(pendingRecord({ webhookUrl: "https://example.com/hook" }));
      await bench.store.requests.applyTo(record, failed);
      expect(bench.created).toEqual([{ organization: "acme", id: `msg_${record.id}` }]);
    });

    test("are listed as failed when they are abandoned, until they are sent again", async () => {
      const record = await keep(pendingRecord({ webhookUrl: "https://example.com/hook" }));
      await bench.store.requests.applyTo(record, failed);
      const { deliveries } = bench.store;
      const [stored] = await deliveries.ofRequest(record);
      if (stored === undefined) throw new Error("no delivery was created");
      expect(await deliveries.failedSince("acme", 0)).toEqual([]);
      await deliveries.save(stored.rev, { ...stored.doc, state: "abandoned" }, null);
      expect(await deliveries.failedSince("acme", T0)).toEqual([stored.doc.id]);
      expect(await deliveries.failedSince("acme", T0 + 1)).toEqual([]);
      await deliveries.save("2", { ...stored.doc, state: "pending" }, 0);
      expect(await deliveries.failedSince("acme", 0)).toEqual([]);
    });
  });
}
