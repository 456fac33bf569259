/** Lists of requests: pages of an organization's requests, newest first, and counts per model. */
import type { Redis } from "ioredis";
import type { RequestRecord } from "../request/record.js";
import { fromColdForm } from "./cold-form.js";
import type { Keys } from "./keys.js";
import { readRecord } from "./requests.js";
import { type PageQuery, type Position, placesIn } from "./time-index.js";

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
    query: PageQuery,
  ): Promise<{ records: RequestRecord[]; next: Position | null }> {
    const { places, next } = await placesIn(redis, keys.allRequests(organization), query);
    const ids = places.map(({ id }) => id);
    return { records: await read(organization, ids), next };
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
