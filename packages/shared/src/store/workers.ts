/**
 * What the worker processes say about themselves, for people who look at the system. Each process writes one small key
 * every few seconds, which expires by itself. Which processes are alive is decided by their leases, not here.
 */
import type { Redis } from "./connection/connect.js";
import type { Keys } from "./keys.js";

export const TELL_EVERY_MS = 5000;
const KEPT_SECONDS = 30;

export interface WorkerFigures {
  host: string;
  version: string;
  /** When the process started (ms). */
  startedAt: number;
  /** The queues that it takes jobs from, without their shards. */
  queues: string[];
  /** The names of their shards; only when a queue has several. */
  shards?: string[];
  /** How many steps and deliveries it runs now. */
  inFlight: number;
}

export interface KnownWorker extends WorkerFigures {
  /** The id of its lease. */
  id: string;
}

export function createWorkers(redis: Redis, keys: Keys) {
  async function read(id: string): Promise<KnownWorker[]> {
    const text = await redis.get(keys.worker(id));
    return text === null ? [] : [{ id, ...(JSON.parse(text) as WorkerFigures) }];
  }

  return {
    async tell(id: string, figures: WorkerFigures): Promise<void> {
      await redis.set(keys.worker(id), JSON.stringify(figures), "EX", KEPT_SECONDS);
    },

    /** The process has ended. */
    async forget(id: string): Promise<void> {
      await redis.del(keys.worker(id));
    },

    /** Those that are alive, the oldest first. A process that was declared dead has the score 0. */
    async list(): Promise<KnownWorker[]> {
      const alive = await redis.zrangebyscore(keys.leases(), "(0", "+inf");
      const known = (await Promise.all(alive.map(read))).flat();
      return known.toSorted((one, other) => one.startedAt - other.startedAt || (one.id < other.id ? -1 : 1));
    },
  };
}

export type Workers = ReturnType<typeof createWorkers>;
