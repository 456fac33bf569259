/** Lists an organization's requests by time. The only index is by time; filters apply to what is read. */
import { isRequestId } from "@visgate/shared/ids";
import type { RequestRecord } from "@visgate/shared/request";
import type { ListOrder, Position } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { decodeCursor, encodeCursor, type ReadPage, scan, windowOf } from "./paging.js";
import { createMatcher, isFiltered, type RequestFilters, scopeOf } from "./request-filters.js";

const MAX_READ = 500;
const FILTERED_BATCH = 250;

export interface ListQuery {
  filters: RequestFilters;
  limit: number;
  cursor: string | null;
  /** Default: newest-first. */
  order?: ListOrder;
}

export interface RequestPage {
  records: RequestRecord[];
  nextCursor: string | null;
}

export async function listRequests(
  { store }: Pick<Deps, "store">,
  organization: string,
  { filters, limit, cursor, order = "newest-first" }: ListQuery,
): Promise<RequestPage> {
  const scope = scopeOf(organization, filters);
  const { values, next } = await scan({
    readPage: requestPages({ store }, organization, filters, order),
    matches: createMatcher(filters),
    start: cursor === null ? null : decodeCursor(cursor, scope, isRequestId),
    limit,
    maxRead: MAX_READ,
    batch: isFiltered(filters) ? FILTERED_BATCH : limit + 1,
  });
  return { records: values, nextCursor: next === null ? null : encodeCursor(next, scope) };
}

export function requestPages(
  { store }: Pick<Deps, "store">,
  organization: string,
  filters: RequestFilters,
  order: ListOrder,
): ReadPage<RequestRecord> {
  const window = windowOf(filters);
  return async (position, limit) => {
    const { records, next } = await store.listing.page(organization, { window, position, limit, order });
    return { found: records.map((value) => ({ createdAt: value.createdAt, id: value.id, value })), next };
  };
}

/** The cursor of the page that begins behind this request, in either order. */
export const cursorBehind = (organization: string, filters: RequestFilters, position: Position): string =>
  encodeCursor(position, scopeOf(organization, filters));
