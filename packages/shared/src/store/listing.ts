/** Lists of requests: pages of an organization's requests, newest first, and counts per model. */
import type { Redis } from "ioredis";
import type { RequestRecord } from "../request/record.js";
import { fromColdForm } from "./cold-form.js";
import type { Keys } from "./keys.js";
import { readRecord } from "./requests.js";

/** The place of a request in the list. A page continues after it. */
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

export function createListing(redis: Redis, keys: Keys) {
  return { page, newest };

  /** At most `limit` records, newest first, without the newest `offset` ones. */
  async function newest(organization: string, offset: number, limit: number): Promise<RequestRecord[]> {
    const ids = await redis.zrevrange(keys.allRequests(organization), offset, offset + limit - 1);
    return read(organization, ids);
  }

  /** Reads `limit` places after `position`. `next` is null at the end of the list. */
  async function page(
    organization: string,
    { window, position, limit, order }: PageQuery,
  ): Promise<{ records: RequestRecord[]; next: Position | null }> {
    const readPlaces = order === "newest-first" ? newestPlaces : oldestPlaces;
    const places: Position[] = [];
    for (let offset = 0; ; offset += limit) {
      const found = pairs(await readPlaces(keys.allRequests(organization), window, position, [offset, limit]));
      places.push(...found.filter((place) => isBehind(place, position, order)));
      if (places.length > limit || found.length < limit) break;
    }
    const shown = places.slice(0, limit);
    const next = places.length >= limit ? (shown.at(-1) ?? null) : null;
    const ids = shown.map(({ id }) => id);
    return { records: await read(organization, ids), next };
  }

  function newestPlaces(index: string, { createdFrom, createdTo }: Window, position: Position | null, part: Part) {
    const newest = Math.min(createdTo, position?.createdAt ?? createdTo);
    return redis.zrevrangebyscore(index, newest, createdFrom, "WITHSCORES", "LIMIT", ...part);
  }

  function oldestPlaces(index: string, { createdFrom, createdTo }: Window, position: Position | null, part: Part) {
    const oldest = Math.max(createdFrom, position?.createdAt ?? createdFrom);
    return redis.zrangebyscore(index, oldest, createdTo, "WITHSCORES", "LIMIT", ...part);
  }

  /** Leaves out requests that were erased meanwhile. */
  async function read(organization: string, ids: string[]): Promise<RequestRecord[]> {
    const docs = await Promise.all(
      ids.map(async (id) => {
        const [doc, cold] = await redis.hmgetBuffer(keys.request(organization, id), "doc", "cold");
        return doc?.toString() ?? (cold ? fromColdForm(cold).doc : null);
      }),
    );
    return docs.filter((doc) => doc !== null).map(readRecord);
  }
}

function pairs(flat: string[]): Position[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => ({
    id: flat[2 * at] ?? "",
    createdAt: Number(flat[2 * at + 1]),
  }));
}

type Part = [offset: number, count: number];

/** Requests of the same millisecond are sorted by id. */
function isBehind(one: Position, position: Position | null, order: ListOrder): boolean {
  if (position === null) return true;
  const isSameTime = one.createdAt === position.createdAt;
  if (order === "newest-first") return isSameTime ? one.id < position.id : one.createdAt < position.createdAt;
  return isSameTime ? one.id > position.id : one.createdAt > position.createdAt;
}

/** Counts how often each model was requested, over all organizations. */
export function createRuns(redis: Redis, keys: Keys) {
  return {
    async countByModel(): Promise<Record<string, number>> {
      const counts: Record<string, number> = {};
      for (const organization of await redis.smembers(keys.organizations())) {
        for (const [model, count] of Object.entries(await redis.hgetall(keys.runs(organization)))) {
          counts[model] = (counts[model] ?? 0) + Number(count);
        }
      }
      return counts;
    },
  };
}
