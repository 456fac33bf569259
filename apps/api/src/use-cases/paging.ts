/** Pages of a list in the order of time: its cursors, and how few of what is read may be on a page. */
import { createHash } from "node:crypto";
import { invalid } from "@visgate/shared/errors";
import type { Position, Window } from "@visgate/shared/store";

/** Both in ms since the epoch, both exclusive; null: no limit. */
export interface TimeFilter {
  createdAfter: number | null;
  createdBefore: number | null;
}

export function windowOf({ createdAfter, createdBefore }: TimeFilter): Window {
  return {
    createdFrom: createdAfter === null ? 0 : createdAfter + 1,
    createdTo: createdBefore === null ? Number.MAX_SAFE_INTEGER : createdBefore - 1,
  };
}

/** The times of a query. */
export const timesOf = ({ created_after: after, created_before: before }: Times): TimeFilter => ({
  createdAfter: after === undefined ? null : Date.parse(after),
  createdBefore: before === undefined ? null : Date.parse(before),
});

interface Times {
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export type ReadPage<T> = (
  position: Position | null,
  count: number,
) => Promise<{ found: Found<T>[]; next: Position | null }>;

/** An entry of the list with its place. */
export type Found<T> = Position & { value: T };

export interface Scan<T> {
  readPage: ReadPage<T>;
  matches: (value: T) => boolean;
  start: Position | null;
  limit: number;
  /** How many entries one call reads. When few of them match, the page is shorter than `limit` and has a next one. */
  maxRead: number;
  /** How many entries are read at a time. */
  batch: number;
}

/** Searches for one more than `limit`, so that the last page has no next one. */
export async function scan<T>({ readPage, matches, start, limit, maxRead, batch }: Scan<T>) {
  const matching: Found<T>[] = [];
  let position = start;
  for (let read = 0; read < maxRead; read += batch) {
    const { found, next } = await readPage(position, batch);
    matching.push(...found.filter(({ value }) => matches(value)));
    position = next;
    if (position === null || matching.length > limit) break;
  }
  const shown = matching.slice(0, limit);
  const next: Position | null = matching.length > limit ? (shown.at(-1) ?? null) : position;
  return { values: shown.map(({ value }) => value), next };
}

const DIGEST_CHARACTERS = 16;

/** `scope`: everything that decides what is in the list. A cursor is valid only for the same scope. */
export function encodeCursor({ createdAt, id }: Position, scope: unknown): string {
  return Buffer.from(JSON.stringify([createdAt, id, digestOf(scope)])).toString("base64url");
}

/** Throws a 422 on `cursor`. */
export function decodeCursor(cursor: string, scope: unknown, isId: (id: string) => boolean): Position {
  const [createdAt, id, digest] = parseCursor(cursor);
  const isPosition = typeof createdAt === "number" && typeof id === "string" && isId(id);
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
