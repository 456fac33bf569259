/**
 * Waits until replicas have a write, so that a failover to one of them does not lose it (`WAIT`). Redis waits for
 * everything that was written before the last command of the connection, by whomever.
 */
import type { Redis } from "ioredis";
import { openSentinelGroup } from "./sentinel.js";

/** Below the 2 s of a fail-fast command, since the connection runs nothing else meanwhile. */
const LIMIT_MS = 1000;

/** The write is in Redis, but a failover may lose it. */
export class NotReplicatedError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`Not replicated: ${why}.`, options);
    this.name = "NotReplicatedError";
  }
}

export interface Replicas {
  /** Changes with each new connection, which may lead to another server. */
  era(): number;
  /**
   * Resolves with true when enough replicas have everything that was written or read in this era; with false when the
   * era is over, so that the write may be on another server only. Rejects with NotReplicatedError after 1 s.
   */
  haveAllOf(era: number): Promise<boolean>;
}

export const NO_REPLICAS: Replicas = { era: () => 0, haveAllOf: () => Promise.resolve(true) };

/**
 * `count`: at least how many replicas. With Sentinels it is every replica that they could promote, and the primary must
 * still be theirs.
 */
export function createReplicas(redis: Redis, count: number): Replicas {
  if (count === 0) return NO_REPLICAS;
  const group = openSentinelGroup(redis);
  let era = 0;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  redis.on("close", () => {
    era += 1;
  });

  async function check(): Promise<void> {
    const found = group === null ? count : await group.neededReplicas();
    if (found === null) throw new NotReplicatedError("the Sentinels may have replaced the primary");
    const needed = Math.max(count, found);
    const reached = await redis.wait(needed, LIMIT_MS);
    if (reached < needed) throw new NotReplicatedError(`${reached} replicas have the write, not ${needed}`);
  }

  function begin(): Promise<void> {
    running = check().finally(() => {
      running = null;
    });
    return running;
  }

  /** All that ask while a check is under way share the next one, whoever begins it. */
  function haveAll(): Promise<void> {
    if (running === null) return begin();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return running ?? begin();
      });
    return next;
  }

  return {
    era: () => era,
    async haveAllOf(given) {
      try {
        if (given === era) await haveAll();
        return given === era;
      } catch (cause) {
        if (given !== era) return false;
        if (cause instanceof NotReplicatedError || lacksRight(cause)) throw cause;
        // Not the error of the connection, which may say that nothing was written.
        throw new NotReplicatedError("Redis did not answer", { cause });
      }
    },
  };
}

const lacksRight = (error: unknown) => error instanceof Error && error.message.startsWith("NOPERM");

/** Runs what reads, and resolves when no failover can lose what it saw. */
export async function readReplicated<T>(replicas: Replicas, read: () => Promise<T>): Promise<T> {
  const era = replicas.era();
  const result = await read();
  if (await replicas.haveAllOf(era)) return result;
  throw new NotReplicatedError("the connection is another one");
}
