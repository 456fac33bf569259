/** How often each model was asked for, over all organizations. */
import type { Redis } from "ioredis";
import type { Keys } from "./keys.js";

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
