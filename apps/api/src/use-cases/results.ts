/** What the results of all generation routes share. */
import type { RequestStatus } from "@visgate/shared/contract/request";

export function commonResult(view: RequestStatus) {
  const { id, model, provider, mode, cost, cache_hit, created_at } = view;
  return { id, model, provider, mode, cost, cache_hit, created_at, latency_ms: view.latency_ms ?? 0 };
}
