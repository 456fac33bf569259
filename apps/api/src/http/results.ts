/** What the results of all generation routes share. */
import type { RequestStatus } from "@visgate/shared/contract";

export function commonResult(view: RequestStatus) {
  const { id, model, provider, mode, cost, cache_hit, cache_reason, created_at } = view;
  return {
    ...{ id, model, provider, mode, cost, cache_hit, cache_reason, created_at },
    ...(cache_hit ? { provider_cost_avoided_micro: view.provider_cost_avoided_micro } : {}),
    latency_ms: view.latency_ms ?? 0,
  };
}
