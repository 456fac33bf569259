/**
 * Waits until replicas have a write, so that a failover to one of them does not lose it (`WAIT`). Redis counts the
 * writes of one connection: after a reconnection it would count none, so the first wait of each connection follows a
 * write of its own, which comes after all earlier ones in the stream to the replicas.
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

/** `count`: how many replicas. `key`: a key that holds nothing else. */
export function createReplicas(redis: Redis, { count, key }: { count: number; key: string }): Replicas {
  if (count === 0) return NONE;
  let connection = 0;
  let writtenOn = -1;
  redis.on("ready", () => {
    connection += 1;
  });

  async function wait(): Promise<void> {
    for (;;) {
      const current = connection;
      if (writtenOn !== current) await redis.set(key, current, "EX", 60);
      writtenOn = current;
      const reached = await redis.wait(count, LIMIT_MS);
      if (connection !== current) continue; // it was sent again over a new connection
      if (reached < count) throw new NotReplicatedError(count);
      return;
    }
  }

  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

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
