/** Outputs that several requests show: cache entries, leaders and followers, and which requests use an output. */
import type { Redis } from "ioredis";
import { modelsTried } from "../request/fallback.js";
import type { MadeBy, Output, RequestRecord, RequestRef } from "../request/record.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

export interface SharedOutput {
  /** The request that made the outputs. */
  source: RequestRef;
  outputs: Output[];
  /** What that request cost. */
  costMicro: number;
  /** When another model than the requested one made it. */
  madeBy?: MadeBy;
}

/**
 * The cache entry of a completed request; null when it is not cached. Only stored outputs are cached, and only complete
 * results: the provider withheld no output and made as many as the caller asked for, and every output was copied.
 */
export function cacheEntryOf(record: RequestRecord): SharedOutput | null {
  const { outputs } = record;
  const isStored = outputs.length > 0 && outputs.every(({ kind }) => kind === "stored");
  return record.cache.hash !== null && isStored && isComplete(record) ? sharedOutputOf(record) : null;
}

function isComplete({ outputs, rendered, input }: RequestRecord): boolean {
  if (outputs.length < (input.count ?? 1)) return false;
  return rendered === null || (rendered.withheld === 0 && rendered.outputs.length === outputs.length);
}

export function sharedOutputOf(record: RequestRecord): SharedOutput {
  const { organization, id, outputs, costMicro, model, provider } = record;
  const made = modelsTried(record) > 0 ? { madeBy: { model, provider } } : {};
  return { source: { organization, id }, outputs, costMicro, ...made };
}

/** The owner's id is the first line, because scripts compare it. */
export function encodeEntry({ source, ...rest }: SharedOutput): string {
  return `${source.id}\n${JSON.stringify({ organization: source.organization, ...rest })}`;
}

export function decodeEntry(text: string): SharedOutput {
  const end = text.indexOf("\n");
  const { organization, ...rest } = JSON.parse(text.slice(end + 1));
  return { source: { organization, id: text.slice(0, end) }, ...rest };
}

export function createSharing(redis: Redis, keys: Keys, scripts: Scripts) {
  return {
    /**
     * After the leader of `record` failed: the id of the new leader, which may be `record` itself. "" when `record` has
     * ended.
     */
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

    /** The entry that all organizations share; null when there is none for the hash. */
    async findAnywhere(hash: string): Promise<SharedOutput | null> {
      const entry = await redis.get(keys.sharedCacheEntry(hash));
      return entry === null ? null : decodeEntry(entry);
    },

    /** `ttlSeconds`: 0 for no limit. */
    async keepForAll(hash: string, output: SharedOutput, ttlSeconds: number): Promise<void> {
      const expiry = ttlSeconds === 0 ? [] : (["EX", ttlSeconds] as const);
      await redis.set(keys.sharedCacheEntry(hash), encodeEntry(output), ...(expiry as ["EX", number]));
    },

    /** Registers a request of another organization as a user of the output. False when the output no longer exists. */
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
