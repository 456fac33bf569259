/** Requests that wait for or show the output of another: who follows whom, and which outputs are in use. */
import type { Redis } from "ioredis";
import type { RequestRecord, RequestRef } from "../request/record.js";
import { decodeEntry, encodeEntry, type SharedOutput } from "./cache.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

export function createSharing(redis: Redis, keys: Keys, scripts: Scripts) {
  return {
    /** A leader came to nothing: the id of who leads now, `record` itself or whom it follows; "" when it has ended. */
    async claimFlight({ organization, id, cache }: RequestRecord): Promise<string> {
      const claim = {
        keys: [keys.flight(organization, cache.hash ?? "none"), keys.openRequests(organization)],
        args: [id, cache.leaderId ?? "", keys.all(organization)],
      };
      return (await scripts.claimFlight(claim)) as string;
    },

    followers: ({ organization, id }: RequestRef): Promise<string[]> =>
      redis.smembers(keys.followers(organization, id)),

    async forgetFollowers({ organization, id }: RequestRef): Promise<void> {
      await redis.del(keys.followers(organization, id));
    },

    /** What all organizations share; null when nothing is kept under the hash. */
    async findAnywhere(hash: string): Promise<SharedOutput | null> {
      const entry = await redis.get(keys.sharedCacheEntry(hash));
      return entry === null ? null : decodeEntry(entry);
    },

    /** `ttlSeconds`: 0 for ever. */
    async keepForAll(hash: string, output: SharedOutput, ttlSeconds: number): Promise<void> {
      const life = ttlSeconds === 0 ? [] : (["EX", ttlSeconds] as const);
      await redis.set(keys.sharedCacheEntry(hash), encodeEntry(output), ...(life as ["EX", number]));
    },

    /** False when the output is no longer kept. */
    async borrow(source: RequestRef, byId: string): Promise<boolean> {
      const uses = keys.uses(source.organization, source.id);
      return (await scripts.borrow({ keys: [uses], args: [byId] })) === 1;
    },

    async giveBack(source: RequestRef, byId: string): Promise<void> {
      const uses = keys.uses(source.organization, source.id);
      await scripts.giveBack({ keys: [uses, keys.trash(source.organization)], args: [byId, source.id] });
    },
  };
}
