/** Whose a job at a provider is: of two equal requests that look for a lost submit, only one may take the job found. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../domain/request.js";
import type { Keys } from "./keys.js";

/** Longer than any request is open. */
const KEPT_SECONDS = 259_200;

export function createProviderJobs(redis: Redis, keys: Keys) {
  return {
    /** True when the job belongs to this request, now or already; false when another request has it. */
    async claim(provider: string, jobId: string, { organization, id }: RequestRef): Promise<boolean> {
      const key = keys.providerJob(provider, jobId);
      const owner = `${organization}/${id}`;
      const set = await redis.set(key, owner, "EX", KEPT_SECONDS, "NX");
      return set === "OK" || (await redis.get(key)) === owner;
    },

    /** The request did not take the job after all, or is erased. */
    async release(provider: string, jobId: string, { organization, id }: RequestRef): Promise<void> {
      const key = keys.providerJob(provider, jobId);
      if ((await redis.get(key)) === `${organization}/${id}`) await redis.del(key);
    },
  };
}
