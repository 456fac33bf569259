/** What a request costs, in micro-USD. The provider's own figure wins over the catalogue's estimate. */
import type { Bill } from "@visgate/providers";
import { costMicro, unitPriceMicro, variantOf } from "@visgate/shared/catalogue";
import type { CostSource, RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

interface Cost {
  costMicro: number;
  /** Null when neither the provider nor the catalogue knows the cost. */
  costSource: CostSource | null;
}

export function costOf(deps: Deps, record: RequestRecord, bill: Bill | null): Cost {
  const billed = billedMicro(deps, record, bill);
  if (billed !== null) return { costMicro: billed, costSource: "provider" };
  const estimated = record.estimatedCostMicro;
  return { costMicro: estimated ?? 0, costSource: estimated === null ? null : "catalogue" };
}

/** Null when the provider names no bill, a bill that makes no sense, or units whose price the catalogue lacks. */
export function billedMicro(deps: Deps, record: RequestRecord, bill: Bill | null): number | null {
  const micro = microOf(deps, record, bill);
  return Number.isSafeInteger(micro) ? micro : null;
}

function microOf(deps: Deps, record: RequestRecord, bill: Bill | null): number | null {
  if (bill === null) return null;
  if ("micro" in bill) return Math.round(bill.micro);
  const model = deps.catalogue.get(record.model);
  const variant = model === undefined ? undefined : variantOf(model, record.input.image !== null);
  if (model === undefined || variant === undefined) return null;
  return costMicro(bill.units, unitPriceMicro(model, variant, record.input.params, record.input.size));
}
