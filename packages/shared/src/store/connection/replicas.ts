/**
 * Waits until replicas have a write, so that a failover to one of them does not lose it (`WAIT`). Redis waits for
 * everything that was written before the last command of the connection. Each connection begins with a command, so
 * writes of an earlier connection count too.
 */
import type { Redis } from "ioredis";

/** Below the 2 s of a fail-fast command, since the connection runs nothing else meanwhile. */
const LIMIT_MS = 1000;

/** The write is in Redis, but a failover may lose it. */
export class NotReplicatedError extends Error {
  constructor(count: number) {
    super(`Not replicated: fewer than ${count} replicas have the write.`);
    this.name = "NotReplicatedError";
  }
}

export interface Replicas {
  /** Resolves when enough replicas have everything that was written before. Rejects with NotReplicatedError after 1 s. */
  haveAll(): Promise<void>;
}

const NONE: Replicas = { haveAll: () => Promise.resolve() };

/** `count`: how many replicas. */
export function createReplicas(redis: Redis, count: number): Replicas {
  if (count === 0) return NONE;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function wait(): Promise<void> {
    const reached = await redis.wait(count, LIMIT_MS);
    if (reached < count) throw new NotReplicatedError(count);
  }

  /** All that ask while a wait is under way share the next one. */
  function haveAll(): Promise<void> {
    if (running === null) {
      running = wait().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return haveAll();
      });
    return next;
  }
  return { haveAll };
}
