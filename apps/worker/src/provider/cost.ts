/** What a request costs, in micro-USD. The provider's own figure wins over the catalogue's estimate. */
import type { Bill } from "@visgate/providers";
import { costMicro, unitPriceMicro, variantFor } from "@visgate/shared/catalogue";
import { type CostSource, type RequestRecord, rolesOf } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

interface Cost {
  costMicro: number;
  /** Null when neither the provider nor the catalogue knows the cost. */
  costSource: CostSource | null;
  billedUnits?: number | undefined;
}

export function costOf(deps: Deps, record: RequestRecord, bill: Bill | null): Cost {
  const billed = billedMicro(deps, record, bill);
  countDifference(deps, record, billed);
  if (billed !== null) {
    return { costMicro: billed, costSource: "provider", billedUnits: billedUnits(deps, record, bill) ?? undefined };
  }
  const estimated = record.estimatedCostMicro;
  return { costMicro: estimated ?? 0, costSource: estimated === null ? null : "catalogue" };
}

const MAX_DIFFERENCE = 0.01;

/** A bill that differs from the estimate means that the prices of the catalogue are wrong. */
function countDifference({ metrics }: Deps, record: RequestRecord, billed: number | null): void {
  const { estimatedCostMicro: estimated, provider, model } = record;
  if (billed === null || estimated === null) return;
  if (Math.abs(billed - estimated) > MAX_DIFFERENCE * estimated) metrics.countCostDifference(provider, model);
}

/** Null when the provider names no bill, a bill that makes no sense, or units whose price the catalogue lacks. */
export function billedMicro(deps: Deps, record: RequestRecord, bill: Bill | null): number | null {
  const micro = microOf(deps, record, bill);
  return Number.isSafeInteger(micro) ? micro : null;
}

function microOf(deps: Deps, record: RequestRecord, bill: Bill | null): number | null {
  if (bill !== null && "micro" in bill) return Math.round(bill.micro);
  const units = billedUnits(deps, record, bill);
  const model = deps.catalogue.get(record.model);
  const variant = model === undefined ? undefined : variantFor(model, rolesOf(record.input));
  if (units === null || model === undefined || variant === undefined) return null;
  return costMicro(units, unitPriceMicro(model, variant, record.input.params, record.input.size));
}

/** In the unit of the model's price; null when the bill has no number in this unit. */
function billedUnits({ catalogue }: Deps, { model }: RequestRecord, bill: Bill | null): number | null {
  if (bill === null || "micro" in bill) return null;
  if ("units" in bill) return bill.units;
  const unit = catalogue.get(model)?.price.unit;
  return unit === undefined ? null : (bill.counts[unit] ?? null);
}
