/** Pages of an index by time: a sorted set of ids, each scored by a time in ms. */
import type { Redis } from "ioredis";

/** The place of an entry in a list. A page continues after it. */
export interface Position {
  createdAt: number;
  id: string;
}

export interface Window {
  /** Both in ms and inclusive. */
  createdFrom: number;
  createdTo: number;
}

export type ListOrder = "newest-first" | "oldest-first";

export interface PageQuery {
  window: Window;
  /** Null: from the first. */
  position: Position | null;
  limit: number;
  order: ListOrder;
}

export interface Places {
  places: Position[];
  /** Null at the end of the list. */
  next: Position | null;
}

/** At most `limit` places after `position`. */
export async function placesIn(redis: Redis, index: string, query: PageQuery): Promise<Places> {
  const { window, position, limit, order } = query;
  const readPart = order === "newest-first" ? newestPlaces : oldestPlaces;
  const places: Position[] = [];
  for (let offset = 0; ; offset += limit) {
    const found = pairs(await readPart(redis, index, window, position, [offset, limit]));
    places.push(...found.filter((place) => isBehind(place, position, order)));
    if (places.length > limit || found.length < limit) break;
  }
  const shown = places.slice(0, limit);
  return { places: shown, next: places.length >= limit ? (shown.at(-1) ?? null) : null };
}

type Part = [offset: number, count: number];

function newestPlaces(redis: Redis, index: string, window: Window, position: Position | null, part: Part) {
  const newest = Math.min(window.createdTo, position?.createdAt ?? window.createdTo);
  return redis.zrevrangebyscore(index, newest, window.createdFrom, "WITHSCORES", "LIMIT", ...part);
}

function oldestPlaces(redis: Redis, index: string, window: Window, position: Position | null, part: Part) {
  const oldest = Math.max(window.createdFrom, position?.createdAt ?? window.createdFrom);
  return redis.zrangebyscore(index, oldest, window.createdTo, "WITHSCORES", "LIMIT", ...part);
}

function pairs(flat: string[]): Position[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => ({
    id: flat[2 * at] ?? "",
    createdAt: Number(flat[2 * at + 1]),
  }));
}

/** Entries of the same millisecond are sorted by id. */
function isBehind(one: Position, position: Position | null, order: ListOrder): boolean {
  if (position === null) return true;
  const isSameTime = one.createdAt === position.createdAt;
  if (order === "newest-first") return isSameTime ? one.id < position.id : one.createdAt < position.createdAt;
  return isSameTime ? one.id > position.id : one.createdAt > position.createdAt;
}
