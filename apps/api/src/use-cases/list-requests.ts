/** Lists an organization's requests by time. The only index is by time; filters apply to what is read. */
import { createHash } from "node:crypto";
import { invalid } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import type { MediaType, RequestRecord, Status } from "@visgate/shared/request";
import type { ListOrder, Position, Window } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

/** How many records one call reads. When few of them match, the page is shorter than `limit` and has a next one. */
const MAX_READ = 500;
const FILTERED_BATCH = 250;

export interface RequestFilters {
  status: Status | null;
  model: string | null;
  provider: string | null;
  mediaType: MediaType | null;
  callbackId: string | null;
  /** Both in ms since the epoch, both exclusive. */
  createdAfter: number | null;
  createdBefore: number | null;
}

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
  const start = cursor === null ? null : decodeCursor(cursor, scope);
  const readPage = (position: Position | null, count: number) =>
    store.listing.page(organization, { window: windowOf(filters), position, limit: count, order });
  const { records, next } = await scan(readPage, filters, { limit, start });
  return { records, nextCursor: next === null ? null : encodeCursor(next, scope) };
}

/** The cursor of the page that begins behind this request, in either order. */
export const cursorBehind = (organization: string, filters: RequestFilters, position: Position): string =>
  encodeCursor(position, scopeOf(organization, filters));

type ReadPage = (
  position: Position | null,
  count: number,
) => Promise<{ records: RequestRecord[]; next: Position | null }>;

/** Searches for one more than `limit`, so that the last page has no next one. */
async function scan(
  readPage: ReadPage,
  filters: RequestFilters,
  { limit, start }: { limit: number; start: Position | null },
) {
  const batch = isFiltered(filters) ? FILTERED_BATCH : limit + 1;
  const found: RequestRecord[] = [];
  let position = start;
  for (let read = 0; read < MAX_READ; read += batch) {
    const { records, next } = await readPage(position, batch);
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

const DIGEST_CHARACTERS = 16;

/** `scope`: everything that decides which requests are in the list. A cursor is valid only for the same scope. */
function encodeCursor({ createdAt, id }: Position, scope: unknown): string {
  return Buffer.from(JSON.stringify([createdAt, id, digestOf(scope)])).toString("base64url");
}

/** Throws a 422 on `cursor`. */
function decodeCursor(cursor: string, scope: unknown): Position {
  const [createdAt, id, digest] = parseCursor(cursor);
  const isPosition = typeof createdAt === "number" && typeof id === "string" && isRequestId(id);
  if (isPosition && digest === digestOf(scope)) return { createdAt, id };
  throw invalid("cursor", "cursor: must be the next_cursor of a page of this list, sent with the same filters.");
}

function parseCursor(cursor: string): unknown[] {
  try {
    const value = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function digestOf(scope: unknown): string {
  return createHash("sha256").update(JSON.stringify(scope)).digest("base64url").slice(0, DIGEST_CHARACTERS);
}
