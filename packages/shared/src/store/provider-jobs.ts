/** Which request owns a provider's job: of two equal requests that search for a lost submit, only one may claim it. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../request/record.js";
import type { Keys } from "./keys.js";

/** Longer than any request stays open. */
const KEPT_SECONDS = 259_200;

export function createProviderJobs(redis: Redis, keys: Keys) {
  return {
    /** True when this request owns the job now; false when another request owns it. */
    async claim(provider: string, jobId: string, { organization, id }: RequestRef): Promise<boolean> {
      const key = keys.providerJob(provider, jobId);
      const owner = `${organization}/${id}`;
      const set = await redis.set(key, owner, "EX", KEPT_SECONDS, "NX");
      return set === "OK" || (await redis.get(key)) === owner;
    },

    /** Call it when the request does not use the job after all, or is erased. */
    async release(provider: string, jobId: string, { organization, id }: RequestRef): Promise<void> {
      const key = keys.providerJob(provider, jobId);
      if ((await redis.get(key)) === `${organization}/${id}`) await redis.del(key);
    },
  };
}
