/** What a request costs that ends without an output. */
import type { Failure } from "../errors.js";
import type { ChargeState, RequestRecord } from "./record.js";

interface Ended {
  failure: Failure;
  /** What the provider says it bills for the failure; null when it does not say. */
  billedMicro: number | null;
}

export type Settlement = Pick<RequestRecord, "chargeState" | "costMicro" | "costSource">;

/** What a failed request costs. When nothing was sent nothing is owed, whatever the failure says. */
export function settle(record: RequestRecord, { failure, billedMicro }: Ended): Settlement {
  const free = (chargeState: ChargeState): Settlement => ({ chargeState, costMicro: 0, costSource: null });
  if (record.chargeState === "none") return free("none");
  if (record.rendered !== null) {
    return { chargeState: "charged", costMicro: record.costMicro, costSource: record.costSource };
  }
  if (failure.charged === null) return free("unknown");
  if (!failure.charged) return free("released");
  if (billedMicro === null) {
    const { estimatedCostMicro } = record;
    const costSource = estimatedCostMicro === null ? null : "catalogue";
    return { chargeState: "charged", costMicro: estimatedCostMicro ?? 0, costSource };
  }
  return { chargeState: "charged", costMicro: billedMicro, costSource: "provider" };
}
