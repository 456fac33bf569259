/** What the provider bills, in micro-USD: its own figure when it tells, else the catalogue's. */
import type { Bill } from "@visgate/providers";
import { costMicro, unitPriceMicro, variantOf } from "@visgate/shared/catalogue";
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

/** Null when the provider did not tell, or told nonsense or units whose price is not known (any more). */
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
