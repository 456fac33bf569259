/**
 * Redis's own time, as far as this process can tell without asking: what several processes must agree on is decided by
 * one clock. Kept as an offset to a local clock that only goes forward, measured now and then.
 */
import type { Redis } from "ioredis";

const MEASURE_EVERY_MS = 1000;
/** An answer that took longer says too little about when it was given. */
const MAX_ROUND_TRIP_MS = 500;

export interface RedisClock {
  /** Milliseconds since the epoch by Redis's clock, at most half a second too early; null before the first measurement. */
  now(): number | null;
  /** Asks Redis, and answers the same. */
  measure(): Promise<number>;
  /** Redis has told its time by another way: its clock was set. */
  correct(redisMs: number): void;
  close(): void;
}

export function createRedisClock(redis: Pick<Redis, "time" | "status">, monotonicNow: () => number): RedisClock {
  let offsetMs: number | null = null;
  async function measure(): Promise<number> {
    const sentAt = monotonicNow();
    const [seconds, micros] = await redis.time();
    const answeredAt = monotonicNow();
    // As if it was told just before the answer came: rather too early, so that limits made of it are kept.
    const measured = Number(seconds) * 1000 + Number(micros) / 1000 - answeredAt;
    if (offsetMs === null || answeredAt - sentAt <= MAX_ROUND_TRIP_MS) offsetMs = measured;
    return monotonicNow() + offsetMs;
  }
  const timer = setInterval(() => {
    if (redis.status === "ready") measure().catch(() => {});
  }, MEASURE_EVERY_MS).unref();

  return {
    now: () => (offsetMs === null ? null : monotonicNow() + offsetMs),
    measure,
    correct(redisMs) {
      offsetMs = redisMs - monotonicNow();
    },
    close: () => clearInterval(timer),
  };
}
