/** Conformance of a store: an alert is opened once and closed once, whatever happens at the same time. */
import type { Alert, AlertChange } from "@visgate/shared/alert";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, T0 } from "./records.js";
import { callConcurrently, connectSeveral, type OpenBench, type StoreBench } from "./store-bench.js";

const DAY_MS = 86_400_000;
const AUDIT = { action: "budget.set", by: { kind: "admin" }, at: T0, target: "x", details: {} } as const;

export function openAlertsConformance(open: OpenBench): void {
  let bench: StoreBench;
  beforeEach(async () => {
    bench = await open();
    await bench.store.organizations.ensure("acme", 0);
  });

  const alert = (fields: Partial<Alert> = {}): Alert => ({
    ...{ v: 1, id: "alert_1", kind: "queue_age", subject: "organization", message: "It waits.", value: 400 },
    ...{ threshold: 300, since: bench.clock.now(), clearSince: null, endedAt: null, ...fields },
  });
  const opened = (fields?: Partial<Alert>): AlertChange => ({ event: "alert.opened", alert: alert(fields) });
  const closed = (fields?: Partial<Alert>): AlertChange => {
    const now = bench.clock.now();
    return { event: "alert.closed", alert: alert({ clearSince: now, endedAt: now, ...fields }) };
  };
  const save = async (...changes: AlertChange[]) => {
    const { alerts } = bench.store;
    return alerts.save("acme", (await alerts.open("acme")).revision, changes);
  };
  const shown = async () => (await bench.store.alerts.list("acme")).map(({ id, endedAt }) => [id, endedAt !== null]);
  const events = async () => {
    const entries = await bench.store.feed.read("acme", 0, 1000);
    return entries.map((entry) => [entry.type, "alert" in entry && "id" in entry.alert ? entry.alert.id : null]);
  };
  const subscribe = () =>
    bench.store.endpoints.add({
      ...{ v: 1, id: "we_1", organization: "acme", url: "https://example.com/", description: null, createdAt: 0 },
      ...{ events: ["alert.opened", "alert.closed"], failingSince: null, previousSecret: null },
      ...{ disabledReason: null, secret: "x" },
    });

  describe("alerts of conditions", () => {
    test("an organization without any has none", async () => {
      expect(await bench.store.alerts.open("acme")).toEqual({ revision: "0", open: [] });
      expect(await bench.store.alerts.mayChange("acme")).toBe(false);
      expect(await shown()).toEqual([]);
    });

    test("may change while one is open, also when nothing else is going on", async () => {
      await save(opened());
      expect(await bench.store.alerts.mayChange("acme")).toBe(true);
      await save(closed());
      expect(await bench.store.alerts.mayChange("acme")).toBe(false);
    });

    test("may change when something ended lately, or a request is open, or there is a budget", async () => {
      const { alerts, outcomes, requests, budgets } = bench.store;
      await outcomes.note("acme", [{ kind: "request", isError: false }]);
      expect(await alerts.mayChange("acme")).toBe(true);
      bench.clock.advance(600_000);
      expect(await alerts.mayChange("acme")).toBe(false);
      const record = pendingRecord();
      await requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
      expect(await alerts.mayChange("acme")).toBe(true);
      await requests.applyTo(record, {
        name: "failed",
        at: T0,
        failure: failure({ charged: false }),
        billedMicro: null,
      });
      expect(await alerts.mayChange("acme")).toBe(false);
      await budgets.set("acme", { subject: "organization", period: "day", limitMicro: 1 }, AUDIT);
      expect(await alerts.mayChange("acme")).toBe(true);
    });

    test("are open until they are closed, and then shown for a day", async () => {
      expect(await save(opened())).toBe(true);
      expect(await bench.store.alerts.mayChange("acme")).toBe(true);
      expect(await shown()).toEqual([["alert_1", false]]);
      expect(await save(closed())).toBe(true);
      expect(await bench.store.alerts.mayChange("acme")).toBe(false);
      expect((await bench.store.alerts.open("acme")).open).toEqual([]);
      expect(await shown()).toEqual([["alert_1", true]]);
      bench.clock.advance(DAY_MS + 1);
      expect(await shown()).toEqual([]);
    });

    test("are listed by their beginning, the newest first", async () => {
      const now = bench.clock.now();
      await save(opened({ since: now - 3 }), opened({ id: "alert_2", kind: "error_rate", since: now - 1 }));
      await save(opened({ id: "alert_3", kind: "budget", since: now - 2 }), closed({ since: now - 3 }));
      expect(await shown()).toEqual([
        ["alert_2", false],
        ["alert_3", false],
        ["alert_1", true],
      ]);
    });

    test("those that ended more than a day ago are forgotten with the next change", async () => {
      await save(opened());
      await save(closed());
      bench.clock.advance(DAY_MS + 1);
      await save(opened({ id: "alert_2" }));
      expect(await bench.redis.zcard(bench.store.keys.endedAlerts("acme"))).toBe(0);
    });

    test("twenty processes that see a condition at the same time open one alert, and close it once", async () => {
      const stores = await connectSeveral(bench, 4);
      const race = async (changeOf: (index: number) => AlertChange) => {
        const { revision } = await bench.store.alerts.open("acme");
        const saved = await callConcurrently(stores, 20, ({ alerts }, index) =>
          alerts.save("acme", revision, [changeOf(index)]),
        );
        return saved.filter(Boolean).length;
      };
      expect(await race((index) => opened({ id: `alert_${index}` }))).toBe(1);
      const [winner] = (await bench.store.alerts.open("acme")).open;
      expect(await race(() => closed({ id: winner?.id ?? "" }))).toBe(1);
      expect(await events()).toEqual([
        ["alert.opened", winner?.id],
        ["alert.closed", winner?.id],
      ]);
    });

    test("a process that was stopped while it looked cannot open an alert that was opened and closed meanwhile", async () => {
      const { revision } = await bench.store.alerts.open("acme");
      await save(opened());
      await save(closed());
      expect(await bench.store.alerts.save("acme", revision, [opened({ id: "alert_2" })])).toBe(false);
      expect(await shown()).toEqual([["alert_1", true]]);
    });

    test("a change of the figures is saved without an event", async () => {
      await save(opened());
      await save({ event: null, alert: alert({ value: 415 }) });
      expect(await bench.store.alerts.list("acme")).toEqual([alert({ value: 415 })]);
      expect(await events()).toEqual([["alert.opened", "alert_1"]]);
    });

    test("go to the endpoints that are subscribed to them, each event under its own id", async () => {
      await subscribe();
      await save(opened());
      await save(closed());
      const deliveries = await Promise.all(bench.created.map((ref) => bench.store.deliveries.get(ref)));
      expect(deliveries.map((delivery) => delivery?.doc)).toMatchObject([
        {
          ...{ eventId: "msg_alert_1_opened_1", endpointId: "we_1", type: "alert.opened", requestId: null, change: 0 },
          ...{ alert: alert(), sequence: 1, state: "pending" },
        },
        { eventId: "msg_alert_1_closed_2", type: "alert.closed", alert: closed().alert, sequence: 2 },
      ]);
    });

    test("their deliveries are created later for an endpoint that was disabled", async () => {
      await subscribe();
      const { endpoints, missedEvents, feed, deliveries } = bench.store;
      await endpoints.update("acme", "we_1", (one) => ({ ...one, disabledReason: "by_caller" }));
      await save(opened());
      await endpoints.update("acme", "we_1", (one) => ({ ...one, disabledReason: null }));
      const [missed] = await missedEvents.list("acme");
      if (missed === undefined) throw new Error("nothing is noted as missed");
      const done = { ...missed, after: missed.last, withStopped: false };
      await missedEvents.catchUp("acme", missed, done, await feed.read("acme", 0, 10));
      const [created] = bench.created;
      if (created === undefined) throw new Error("no delivery was created");
      expect((await deliveries.get(created))?.doc).toMatchObject({ type: "alert.opened", alert: alert() });
    });

    test("expire by themselves when nobody looks any more", async () => {
      await save(opened(), opened({ id: "alert_2", kind: "budget" }));
      await save(closed());
      const { alerts, alertsRevision, endedAlerts } = bench.store.keys;
      for (const key of [alerts, alertsRevision])
        expect(await bench.ttlSeconds(key("acme"))).toBeGreaterThan(30 * 86_400);
      expect(await bench.ttlSeconds(endedAlerts("acme"))).toBeGreaterThan(86_400);
    });
  });
}
