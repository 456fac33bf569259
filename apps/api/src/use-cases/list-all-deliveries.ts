/** The webhook deliveries of an organization, newest first. The index is by time; filters apply to what is read. */
import type { ListedDelivery } from "@visgate/shared/contract";
import type { Delivery, DeliveryState } from "@visgate/shared/delivery";
import type { Deps } from "../deps.js";
import { deliveryView } from "./delivery-view.js";
import { decodeCursor, encodeCursor, type ReadPage, scan, type TimeFilter, windowOf } from "./paging.js";

const MAX_READ = 500;
const FILTERED_BATCH = 250;

/** Null: any. */
export interface DeliveryFilters extends TimeFilter {
  /** One of these. */
  state: readonly DeliveryState[] | null;
  endpointId: string | null;
  type: Delivery["type"] | null;
}

export interface DeliveriesQuery {
  filters: DeliveryFilters;
  limit: number;
  cursor: string | null;
}

export async function listAllDeliveries(
  deps: Pick<Deps, "store">,
  organization: string,
  { filters, limit, cursor }: DeliveriesQuery,
): Promise<{ deliveries: ListedDelivery[]; nextCursor: string | null }> {
  const { state, endpointId, type, createdAfter, createdBefore } = filters;
  const scope = ["deliveries", organization, state?.toSorted() ?? null, endpointId, type, createdAfter, createdBefore];
  const { values, next } = await scan({
    readPage: deliveryPages(deps, organization, filters),
    matches: (delivery) =>
      (state === null || state.includes(delivery.state)) &&
      (endpointId === null || delivery.endpointId === endpointId) &&
      (type === null || delivery.type === type),
    start: cursor === null ? null : decodeCursor(cursor, scope, isDeliveryId),
    limit,
    maxRead: MAX_READ,
    batch: state === null && endpointId === null && type === null ? limit + 1 : FILTERED_BATCH,
  });
  const urlOf = await urlReader(deps, organization, values);
  return {
    deliveries: values.map((each) => ({ ...deliveryView(each, urlOf(each)), request_id: each.requestId })),
    nextCursor: next === null ? null : encodeCursor(next, scope),
  };
}

const isDeliveryId = (id: string) => id.startsWith("msg_");

function deliveryPages(
  { store }: Pick<Deps, "store">,
  organization: string,
  filters: DeliveryFilters,
): ReadPage<Delivery> {
  const { state } = filters;
  const onlyFailed = state?.every((one) => one === "abandoned") ?? false;
  const window = windowOf(filters);
  return async (position, limit) => {
    const query = { window, position, limit, order: "newest-first", onlyFailed } as const;
    const { deliveries, next } = await store.deliveries.page(organization, query);
    return { found: deliveries.map((value) => ({ createdAt: value.createdAt, id: value.id, value })), next };
  };
}

/** The URLs of the receivers: of endpoints that are still there, and of the requests' own webhooks. */
async function urlReader({ store }: Pick<Deps, "store">, organization: string, deliveries: readonly Delivery[]) {
  const endpoints = new Map((await store.endpoints.list(organization)).map(({ id, url }) => [id, url]));
  const own = deliveries.flatMap(({ endpointId, requestId }) => (endpointId === null && requestId ? [requestId] : []));
  const requests = await Promise.all([...new Set(own)].map((id) => store.requests.get({ organization, id })));
  const webhooks = new Map(requests.flatMap((stored) => (stored ? [[stored.doc.id, stored.doc.webhookUrl]] : [])));
  return ({ endpointId, requestId }: Delivery): string | null =>
    (endpointId === null ? webhooks.get(requestId ?? "") : endpoints.get(endpointId)) ?? null;
}
