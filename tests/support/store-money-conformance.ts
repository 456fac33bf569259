/** Conformance of a store: budgets hold, and the ledger adds up, whatever happens at the same time. */
import { countsOf, type LedgerRow } from "@visgate/shared/money";
import type { RequestRecord, Transition } from "@visgate/shared/request";
import type { Accepted, Store } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "./records.js";
import { callConcurrently, connectSeveral, countBy, type OpenBench, type StoreBench } from "./store-bench.js";

const PRICE = 2_400_000;
const AUDIT = { action: "budget.set", by: { kind: "admin" }, at: T0, target: "x", details: {} } as const;
const LOST: Transition = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 1, submitEnded: true };
const ACCEPTED: Transition = { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "job" };
const RENDERED: Transition = {
  ...{ name: "rendered", at: T0, outputs: [], withheld: 0, costMicro: PRICE, costSource: "provider" },
};
const CACHE = { hash: "hash", reason: "miss", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 } as const;

const accept = (store: Store, record: RequestRecord, maxOpen: number | null = null): Promise<Accepted> =>
  store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null, maxOpen });

export function moneyConformance(open: OpenBench): void {
  let bench: StoreBench;
  beforeEach(async () => {
    bench = await open();
    await bench.store.organizations.ensure("acme", 0);
  });
  const budget = (
    subject: "organization" | "operator" | `key:${string}`,
    limitMicro: number,
    period: "day" | "month" = "month",
  ) => bench.store.budgets.set("acme", { subject, period, limitMicro }, AUDIT);

  /** Reads the whole ledger and counts everything again. */
  async function recounted(): Promise<Map<string, number>> {
    const rows = new Map<string, LedgerRow>();
    const totals = new Map<string, number>();
    for (const entry of await bench.store.ledger.read("acme", "0", 10_000)) {
      const row = entry.row ?? rows.get(entry.request);
      if (row === undefined) throw new Error("an entry without a row");
      rows.set(entry.request, row);
      for (const [key, field, by] of countsOf(entry, row)) {
        totals.set(`${key} ${field}`, (totals.get(`${key} ${field}`) ?? 0) + by);
      }
    }
    return totals;
  }

  async function expectToAddUp(): Promise<void> {
    const totals = await recounted();
    for (const [name, total] of totals) {
      const at = name.indexOf(" ");
      const counted = await bench.store.ledger.counter("acme", name.slice(0, at));
      expect([name, counted.get(name.slice(at + 1)) ?? 0]).toEqual([name, total]);
    }
  }

  describe("budgets", () => {
    test("100 concurrent submits over three processes: as many are accepted as the budget pays for", async () => {
      await budget("organization", 10 * PRICE + PRICE / 2);
      const stores = await connectSeveral(bench, 3);
      const answers = await callConcurrently(stores, 100, (store) => accept(store, pendingRecord()));
      expect(countBy(answers, ({ kind }) => kind)).toEqual({ new: 10, budget: 90 });
      expect(await bench.store.ledger.balance("acme")).toEqual({ heldMicro: 10 * PRICE, settledMicro: 0 });
      expect(answers.find(({ kind }) => kind === "budget")).toEqual({
        kind: "budget",
        budget: { id: "organization|month", limitMicro: 10.5 * PRICE, spentMicro: 10 * PRICE },
      });
      await expectToAddUp();
    });

    test("each budget that applies must have room: of the operator, of the key, of the day", async () => {
      await budget("operator", 3 * PRICE);
      await budget("key:key_1", 2 * PRICE);
      await budget("organization", PRICE, "day");
      const day = (record: Partial<RequestRecord>) => accept(bench.store, pendingRecord(record));
      expect((await day({ day: "2026-01-01" })).kind).toBe("new");
      expect(await day({ day: "2026-01-01" })).toMatchObject({ budget: { id: "organization|day" } });
      expect((await day({ day: "2026-01-02" })).kind).toBe("new");
      expect(await day({ day: "2026-01-03" })).toMatchObject({ budget: { id: "key:key_1|month" } });
      expect((await day({ day: "2026-01-03", apiKeyId: "key_2" })).kind).toBe("new");
      expect(await day({ day: "2026-01-04", apiKeyId: "key_2" })).toMatchObject({ budget: { id: "operator|month" } });
      expect((await day({ day: "2026-02-01" })).kind).toBe("new");
    });

    test("what is released can be set aside again, and what is settled cannot", async () => {
      await budget("organization", PRICE);
      const first = pendingRecord();
      await accept(bench.store, first);
      await bench.store.requests.applyTo(first, {
        ...{ name: "failed", at: T0, failure: failure({ charged: false }), billedMicro: null },
      });
      const second = pendingRecord();
      expect((await accept(bench.store, second)).kind).toBe("new");
      for (const transition of [submitIntended({ at: T0 }), ACCEPTED, RENDERED]) {
        await bench.store.requests.applyTo(second, transition);
      }
      expect((await accept(bench.store, pendingRecord())).kind).toBe("budget");
      expect(await bench.store.ledger.balance("acme")).toEqual({ heldMicro: 0, settledMicro: PRICE });
      await expectToAddUp();
    });

    test("a request whose price is not known is refused when a budget applies", async () => {
      const unpriced = { estimatedCostMicro: null, heldMicro: 0 };
      expect((await accept(bench.store, pendingRecord(unpriced))).kind).toBe("new");
      await budget("organization", PRICE);
      expect((await accept(bench.store, pendingRecord(unpriced))).kind).toBe("budget");
    });

    test("a request that costs nothing is accepted when more was spent than a budget allows now", async () => {
      await budget("organization", PRICE);
      await accept(bench.store, pendingRecord());
      await budget("organization", PRICE / 2);
      expect((await accept(bench.store, pendingRecord({ estimatedCostMicro: 0, heldMicro: 0 }))).kind).toBe("new");
      expect((await accept(bench.store, pendingRecord({ estimatedCostMicro: 1, heldMicro: 1 }))).kind).toBe("budget");
    });

    test("a request that joins another one needs no room, until it takes over", async () => {
      await budget("organization", PRICE);
      const leader = pendingRecord({ cache: CACHE });
      await accept(bench.store, leader);
      const joined = { ...CACHE, reason: "joined", leaderId: leader.id } as const;
      const follower = pendingRecord({ cache: joined, heldMicro: 0 });
      expect((await accept(bench.store, follower)).kind).toBe("new");
      expect(await bench.store.requests.applyTo(follower, { name: "promoted" })).toMatchObject({
        kind: "budget",
        budget: { id: "organization|month", spentMicro: PRICE },
      });
      await bench.store.requests.applyTo(leader, {
        ...{ name: "failed", at: T0, failure: failure({ charged: false }), billedMicro: null },
      });
      expect((await bench.store.requests.applyTo(follower, { name: "promoted" })).kind).toBe("applied");
      expect(await bench.store.ledger.balance("acme")).toEqual({ heldMicro: PRICE, settledMicro: 0 });
      await expectToAddUp();
    });

    test("list shows what was spent in the day and the month", async () => {
      await budget("organization", 9 * PRICE);
      await budget("organization", 4 * PRICE, "day");
      for (const day of ["2026-01-01", "2026-01-02"]) await accept(bench.store, pendingRecord({ day }));
      expect(await bench.store.budgets.list("acme", "2026-01-02")).toEqual([
        { subject: "organization", period: "day", limitMicro: 4 * PRICE, spentMicro: PRICE },
        { subject: "organization", period: "month", limitMicro: 9 * PRICE, spentMicro: 2 * PRICE },
      ]);
      expect(await bench.store.budgets.remove("acme", "organization", "day", AUDIT)).toBe(true);
      expect(await bench.store.budgets.remove("acme", "organization", "day", AUDIT)).toBe(false);
    });
  });

  describe("the ledger", () => {
    test("first entries that differ only in what is settled are counted apart", async () => {
      await accept(bench.store, pendingRecord({ chargeState: "charged", costMicro: PRICE }));
      await accept(bench.store, pendingRecord());
      await accept(bench.store, pendingRecord({ chargeState: "charged", costMicro: 5 * PRICE }));
      expect(await bench.store.ledger.balance("acme")).toEqual({ heldMicro: 3 * PRICE, settledMicro: 6 * PRICE });
      await expectToAddUp();
    });

    test("a script that is sent again writes no second entry", async () => {
      const record = pendingRecord();
      await accept(bench.store, record);
      await accept(bench.store, record);
      expect(await bench.store.ledger.read("acme", "0", 10)).toHaveLength(1);
    });

    test("a withdrawn request leaves nothing in any counter", async () => {
      const record = pendingRecord();
      await accept(bench.store, record);
      await bench.store.requests.withdraw({ record, idempotency: null });
      expect([...(await recounted()).values()].filter((total) => total !== 0)).toEqual([]);
      await expectToAddUp();
    });

    test("an erased request whose money was still set aside releases it", async () => {
      const record = pendingRecord();
      await accept(bench.store, record);
      const unknown = failure({ charged: null });
      for (const transition of [submitIntended({ at: T0 }), LOST])
        await bench.store.requests.applyTo(record, transition);
      await bench.store.requests.applyTo(record, { name: "failed", at: T0, failure: unknown, billedMicro: null });
      expect(await bench.store.ledger.balance("acme")).toEqual({ heldMicro: PRICE, settledMicro: 0 });
      const stored = await bench.store.requests.get(record);
      if (stored !== null) await bench.store.maintenance.erase(stored);
      expect(await bench.store.ledger.balance("acme")).toEqual({ heldMicro: 0, settledMicro: 0 });
      await expectToAddUp();
    });
  });

  test("maxOpen: as many requests are open as the organization may have, over three processes", async () => {
    const stores = await connectSeveral(bench, 3);
    const answers = await callConcurrently(stores, 30, (store) => accept(store, pendingRecord(), 7));
    expect(countBy(answers, ({ kind }) => kind)).toEqual({ new: 7, full: 23 });
  });
}
