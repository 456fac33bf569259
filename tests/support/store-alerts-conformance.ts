/** Conformance of a store: budgets raise their alerts once, whatever happens at the same time. */
import type { BudgetSubject } from "@visgate/shared/money";
import type { RequestRecord, Transition } from "@visgate/shared/request";
import type { Accepted, FeedEntry, Store } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "./records.js";
import { callConcurrently, connectSeveral, type OpenBench, type StoreBench } from "./store-bench.js";

const PRICE = 2_400_000;
const AUDIT = { action: "budget.set", by: { kind: "admin" }, at: T0, target: "x", details: {} } as const;
const DAY = "2026-01-05";
const FAILED: Transition = { name: "failed", at: T0, failure: failure({ charged: false }), billedMicro: null };

export function alertsConformance(open: OpenBench): void {
  let bench: StoreBench;
  beforeEach(async () => {
    bench = await open();
    await bench.store.organizations.ensure("acme", 0);
  });

  const budget = (limitMicro: number, subject: BudgetSubject = "organization", period: "day" | "month" = "month") =>
    bench.store.budgets.set("acme", { subject, period, limitMicro }, AUDIT);
  const accept = (record: Partial<RequestRecord> = {}, store: Store = bench.store): Promise<Accepted> =>
    store.requests.accept({
      ...{ record: pendingRecord({ day: DAY, ...record }), idempotency: null, notAfter: NEVER_LATE },
      encryptedProviderKey: null,
    });
  const entries = () => bench.store.feed.read("acme", 0, 1000);
  /** Of each alert in the feed: budget, percent, and what was spent in units of the price. */
  const alerts = async () => (await entries()).flatMap(shown);
  const subscribe = (id: string) =>
    bench.store.endpoints.add({
      ...{ v: 1, id, organization: "acme", url: "https://example.com/", description: null, createdAt: T0 },
      ...{ events: ["budget.threshold"], failingSince: null, previousSecret: null, disabledReason: null, secret: "x" },
    });

  describe("alerts", () => {
    test("80 % of a budget raises an alert, and the first call that is refused raises another", async () => {
      await budget(5 * PRICE);
      for (let n = 0; n < 3; n += 1) await accept();
      expect(await alerts()).toEqual([]);
      await accept();
      expect(await alerts()).toEqual(["organization|month 80 % at 4"]);
      await accept({ estimatedCostMicro: 2 * PRICE, heldMicro: 2 * PRICE });
      expect(await alerts()).toEqual(["organization|month 80 % at 4", "organization|month 100 % at 4"]);
      await accept();
      expect((await accept()).kind).toBe("budget");
      expect(await alerts()).toHaveLength(2);
    });

    test("a call that is too large for an unused budget does not silence the one for 80 %", async () => {
      await budget(5 * PRICE);
      const large = { estimatedCostMicro: 9 * PRICE, heldMicro: 9 * PRICE };
      await accept(large);
      for (let n = 0; n < 4; n += 1) await accept();
      await accept(large);
      await accept();
      expect(await alerts()).toEqual(["organization|month 100 % at 0", "organization|month 80 % at 4"]);
    });

    test("a call that uses up the whole budget at once raises only the alert for 100 %", async () => {
      await budget(PRICE);
      await accept();
      expect(await alerts()).toEqual(["organization|month 100 % at 1"]);
    });

    test("100 concurrent submits over three processes raise each alert once", async () => {
      await budget(10 * PRICE);
      const stores = await connectSeveral(bench, 3);
      await callConcurrently(stores, 100, (store) => accept({}, store));
      expect(await alerts()).toEqual(["organization|month 80 % at 8", "organization|month 100 % at 10"]);
    });

    test("are not raised again when money is released and set aside again", async () => {
      await budget(PRICE);
      const record = pendingRecord({ day: DAY });
      await accept(record);
      await bench.store.requests.applyTo(record, FAILED);
      await accept();
      expect(await alerts()).toHaveLength(1);
    });

    test("are raised again in the next period, and for another limit", async () => {
      await budget(PRICE, "organization", "day");
      await accept();
      await accept({ day: "2026-01-06" });
      await budget(2 * PRICE, "organization", "day");
      await accept();
      expect(await alerts()).toEqual([
        "organization|day 100 % at 1",
        "organization|day 100 % at 1",
        "organization|day 100 % at 2",
      ]);
      const days = (await entries()).map(
        (entry) => entry.type === "budget.threshold" && entry.alert.counted.slice(0, DAY.length),
      );
      expect(days).toEqual([DAY, "2026-01-06", DAY]);
    });

    test("each budget that applies raises its own alerts", async () => {
      await budget(10 * PRICE);
      await budget(PRICE, "key:key_1");
      await budget(1.2 * PRICE, "operator");
      await accept();
      expect((await alerts()).toSorted()).toEqual(["key:key_1|month 100 % at 1", "operator|month 80 % at 1"]);
    });

    test("a bill above the estimate raises alerts too, and is settled in full", async () => {
      await budget(10 * PRICE);
      const record = pendingRecord({ day: DAY });
      await accept(record);
      const settled: Transition[] = [
        submitIntended({ at: T0 }),
        { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "job" },
        {
          ...{ name: "rendered", at: T0, outputs: [], withheld: 0 },
          ...{ costMicro: 12 * PRICE, costSource: "provider" },
        },
      ];
      for (const transition of settled) await bench.store.requests.applyTo(record, transition);
      expect((await bench.store.requests.get(record))?.doc.costMicro).toBe(12 * PRICE);
      expect(await alerts()).toEqual(["organization|month 100 % at 12"]);
    });

    test("two of one request are two events: each has its own id, and both are delivered", async () => {
      await subscribe("we_1");
      await budget(1.2 * PRICE);
      const record = pendingRecord({ day: DAY });
      await accept(record);
      const transitions: Transition[] = [
        submitIntended({ at: T0 }),
        { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "job" },
        {
          ...{ name: "rendered", at: T0, outputs: [], withheld: 0 },
          ...{ costMicro: 2 * PRICE, costSource: "provider" },
        },
      ];
      for (const transition of transitions) await bench.store.requests.applyTo(record, transition);
      expect(await alerts()).toEqual(["organization|month 80 % at 1", "organization|month 100 % at 2"]);
      const deliveries = await Promise.all(bench.created.map((created) => bench.store.deliveries.get(created)));
      expect(deliveries.map((delivery) => delivery?.doc.alert?.threshold)).toEqual([80, 100]);
      expect(new Set(deliveries.map((delivery) => delivery?.doc.eventId)).size).toBe(2);
    });

    test("a call whose price is not known is refused without an alert", async () => {
      await budget(PRICE);
      expect((await accept({ estimatedCostMicro: null, heldMicro: 0 })).kind).toBe("budget");
      expect(await alerts()).toEqual([]);
    });
  });

  describe("deliveries of an alert", () => {
    test("go to the endpoints that are subscribed to it, for a refused call too, and never to a webhook_url", async () => {
      await subscribe("we_1");
      await budget(1.2 * PRICE);
      const record = pendingRecord({ day: DAY, webhookUrl: "https://example.com/own" });
      await accept(record);
      const first = `msg_${record.id}_budget_1-we_1`;
      expect(bench.created).toEqual([{ organization: "acme", id: first }]);
      expect((await bench.store.deliveries.get({ organization: "acme", id: first }))?.doc).toEqual({
        ...{ v: 1, id: first, eventId: `msg_${record.id}_budget_1`, organization: "acme", endpointId: "we_1" },
        ...{ requestId: null, type: "budget.threshold", change: 0, sequence: 1, createdAt: record.createdAt },
        ...{ state: "pending", attempts: [], attemptsBefore: 0, nextAttemptAt: null },
        alert: {
          ...{ budget: "organization|month", counted: "2026-01|organization", threshold: 80 },
          ...{ limitMicro: 1.2 * PRICE, spentMicro: PRICE },
        },
      });
      expect(await bench.store.deliveries.ofRequest(record)).toEqual([]);
      await accept();
      expect(bench.created).toHaveLength(2);
    });

    test("are created later for an endpoint that was disabled, once", async () => {
      await subscribe("we_1");
      const { endpoints, missedEvents } = bench.store;
      await endpoints.update("acme", "we_1", (one) => ({ ...one, disabledReason: "by_caller" }));
      await budget(PRICE);
      await accept();
      expect(bench.created).toEqual([]);
      await endpoints.update("acme", "we_1", (one) => ({ ...one, disabledReason: null }));
      const [missed] = await missedEvents.list("acme");
      if (missed === undefined) throw new Error("nothing is noted as missed");
      const done = { ...missed, after: missed.last, withStopped: false };
      expect(await missedEvents.catchUp("acme", missed, done, await entries())).toBe(true);
      expect(bench.created).toHaveLength(1);
      expect(await missedEvents.catchUp("acme", missed, done, await entries())).toBe(false);
      const [created] = bench.created;
      if (created === undefined) throw new Error("no delivery was created");
      expect((await bench.store.deliveries.get(created))?.doc).toMatchObject({ requestId: null, sequence: 1 });
    });

    test("are erased when they are old, also from the indexes", async () => {
      await subscribe("we_1");
      await budget(PRICE);
      await accept();
      const [created] = bench.created;
      if (created === undefined) throw new Error("no delivery was created");
      await bench.store.maintenance.eraseAlertDeliveries("acme", T0 - 1);
      expect(await bench.store.deliveries.get(created)).not.toBeNull();
      await bench.store.maintenance.eraseAlertDeliveries("acme", bench.clock.now());
      expect(await bench.store.deliveries.get(created)).toBeNull();
      bench.clock.advance(365 * 86_400_000);
      expect(await bench.store.maintenance.overdueDeliveries(10)).toEqual([]);
    });
  });
}

function shown(entry: FeedEntry): string[] {
  if (entry.type !== "budget.threshold") return [];
  const { budget, threshold, spentMicro } = entry.alert;
  return [`${budget} ${threshold} % at ${spentMicro / PRICE}`];
}
