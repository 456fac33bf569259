/** A page of an organization's requests, newest first. Filters are applied to what is read: there is one index, by time. */
import type { MediaType, RequestRecord, Status } from "@visgate/shared/request";
import type { Position, Window } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { decodeCursor, encodeCursor } from "../http/list-cursor.js";

/** So many records one call looks at; with sparse matches the page is then shorter than asked for, and goes on. */
const MAX_LOOKED_AT = 2000;
const FILTERED_BATCH = 250;

export interface RequestFilters {
  status: Status | null;
  model: string | null;
  provider: string | null;
  mediaType: MediaType | null;
  callbackId: string | null;
  /** Both in ms, both excluded. */
  createdAfter: number | null;
  createdBefore: number | null;
}

export interface ListQuery {
  filters: RequestFilters;
  limit: number;
  cursor: string | null;
}

export interface RequestPage {
  records: RequestRecord[];
  nextCursor: string | null;
}

export async function listRequests(
  { store }: Pick<Deps, "store">,
  organization: string,
  { filters, limit, cursor }: ListQuery,
): Promise<RequestPage> {
  const scope = scopeOf(organization, filters);
  const start = cursor === null ? null : decodeCursor(cursor, scope);
  const lookAt = (position: Position | null, count: number) =>
    store.listing.page(organization, windowOf(filters), position, count);
  const { records, next } = await scan(lookAt, filters, { limit, start });
  return { records, nextCursor: next === null ? null : encodeCursor(next, scope) };
}

type LookAt = (
  position: Position | null,
  count: number,
) => Promise<{ records: RequestRecord[]; next: Position | null }>;

/** Looks for one more than is shown, so that the last page knows that it is. */
async function scan(
  lookAt: LookAt,
  filters: RequestFilters,
  { limit, start }: { limit: number; start: Position | null },
) {
  const batch = isFiltered(filters) ? FILTERED_BATCH : limit + 1;
  const found: RequestRecord[] = [];
  let position = start;
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += batch) {
    const { records, next } = await lookAt(position, batch);
    found.push(...records.filter((record) => matches(record, filters)));
    position = next;
    if (position === null || found.length > limit) break;
  }
  const records = found.slice(0, limit);
  return { records, next: found.length > limit ? (records.at(-1) ?? null) : position };
}

function matches(record: RequestRecord, { status, model, provider, mediaType, callbackId }: RequestFilters): boolean {
  return (
    (status === null || record.status === status) &&
    (model === null || record.model === model) &&
    (provider === null || record.provider === provider) &&
    (mediaType === null || record.mediaType === mediaType) &&
    (callbackId === null || record.callbackId === callbackId)
  );
}

function isFiltered({ status, model, provider, mediaType, callbackId }: RequestFilters): boolean {
  return [status, model, provider, mediaType, callbackId].some((filter) => filter !== null);
}

function windowOf({ createdAfter, createdBefore }: RequestFilters): Window {
  return {
    createdFrom: createdAfter === null ? 0 : createdAfter + 1,
    createdTo: createdBefore === null ? Number.MAX_SAFE_INTEGER : createdBefore - 1,
  };
}

function scopeOf(organization: string, filters: RequestFilters): unknown[] {
  const { status, model, provider, mediaType, callbackId, createdAfter, createdBefore } = filters;
  return [organization, status, model, provider, mediaType, callbackId, createdAfter, createdBefore];
}
