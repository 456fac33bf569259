/** An organization's requests in the order of their creation, newest first. */
import type { Redis } from "ioredis";
import type { RequestRecord } from "../request/record.js";
import type { Keys } from "./keys.js";

/** Just behind this request, in the order of the list. */
export interface Position {
  createdAt: number;
  id: string;
}

export interface Window {
  /** Both in ms, both included. */
  createdFrom: number;
  createdTo: number;
}

export function createListing(redis: Redis, keys: Keys) {
  return { page };

  /** Requests behind `position` (null: from the newest), looking at `limit` of them; `next` is null at the end. */
  async function page(
    organization: string,
    { createdFrom, createdTo }: Window,
    position: Position | null,
    limit: number,
  ): Promise<{ records: RequestRecord[]; next: Position | null }> {
    const newest = position === null ? createdTo : Math.min(createdTo, position.createdAt);
    const places: Position[] = [];
    for (let offset = 0; ; offset += limit) {
      const index = keys.allRequests(organization);
      const found = pairs(
        await redis.zrevrangebyscore(index, newest, createdFrom, "WITHSCORES", "LIMIT", offset, limit),
      );
      places.push(...found.filter((place) => isBehind(place, position)));
      if (places.length > limit || found.length < limit) break;
    }
    const shown = places.slice(0, limit);
    const next = places.length >= limit ? (shown.at(-1) ?? null) : null;
    return { records: await read(organization, shown), next };
  }

  /** Those that were erased meanwhile are missing. */
  async function read(organization: string, places: Position[]): Promise<RequestRecord[]> {
    const docs = await Promise.all(places.map(({ id }) => redis.hget(keys.request(organization, id), "doc")));
    return docs.filter((doc) => doc !== null).map((doc) => JSON.parse(doc));
  }
}

function pairs(flat: string[]): Position[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => ({
    id: flat[2 * at] ?? "",
    createdAt: Number(flat[2 * at + 1]),
  }));
}

/** Within one millisecond the index goes by id, downwards. */
function isBehind(one: Position, position: Position | null): boolean {
  if (position === null || one.createdAt < position.createdAt) return true;
  return one.createdAt === position.createdAt && one.id < position.id;
}
