/** The provider's own figure replaces the estimate, in whatever unit it comes. A difference between them is counted. */
import type { Bill } from "@visgate/providers";
import { expect, test } from "vitest";
import { pendingRecord } from "../../../../tests/support/records.js";
import { useTestWorkers } from "../../../../tests/support/worker.js";
import { billedMicro, costOf } from "./cost.js";

const { openWorker } = useTestWorkers();
/** 0.40 USD a second with sound. */
const PER_SECOND = 400_000;
const record = pendingRecord({ estimatedCostMicro: 4 * PER_SECOND });

async function differences(...bills: (Bill | null)[]) {
  const { deps } = await openWorker();
  const costs = bills.map((bill) => costOf(deps, record, bill));
  const counter = await deps.metrics.registry.getSingleMetric("visgate_cost_differences_total")?.get();
  return { costs, counted: counter?.values ?? [] };
}

test.each<{ bill: Bill | null; micro: number; source: string; units?: number }>([
  { bill: { units: 3 }, micro: 3 * PER_SECOND, source: "provider", units: 3 },
  { bill: { units: 0 }, micro: 0, source: "provider", units: 0 },
  { bill: { units: 2.5 }, micro: 2.5 * PER_SECOND, source: "provider", units: 2.5 },
  { bill: { micro: 1_234_567 }, micro: 1_234_567, source: "provider" },
  { bill: { counts: { second: 5, image: 9 } }, micro: 5 * PER_SECOND, source: "provider", units: 5 },
  { bill: { counts: { image: 9 } }, micro: 4 * PER_SECOND, source: "catalogue" },
  { bill: { units: Number.MAX_VALUE }, micro: 4 * PER_SECOND, source: "catalogue" },
  { bill: null, micro: 4 * PER_SECOND, source: "catalogue" },
])("the bill $bill of a request that was estimated at 1.60 USD: $micro micro-USD by the $source", async (row) => {
  const { deps } = await openWorker();
  const { bill, micro, source, units } = row;
  const wanted = { costMicro: micro, costSource: source, ...(source === "provider" ? { billedUnits: units } : {}) };
  expect(costOf(deps, record, bill)).toEqual(wanted);
  expect(billedMicro(deps, record, bill)).toBe(source === "provider" ? micro : null);
});

test("visgate_cost_differences_total: counts the bills that differ from the estimate by more than 1 %", async () => {
  const onePercent = 16_000;
  const estimate = 4 * PER_SECOND;
  const same = [estimate, estimate + onePercent, estimate - onePercent].map((micro) => ({ micro }));
  expect((await differences(...same, null)).counted).toEqual([]);
  const other = [estimate + onePercent + 1, estimate - onePercent - 1, 0].map((micro) => ({ micro }));
  expect((await differences(...same, ...other)).counted).toEqual([
    { value: 3, labels: { provider: record.provider, model: record.model } },
  ]);
});
