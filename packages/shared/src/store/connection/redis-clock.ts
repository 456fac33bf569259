/**
 * An estimate of Redis's clock without a round trip, for decisions on which several processes must agree. It is an
 * offset to a local monotonic clock, and is measured regularly.
 */
import type { Redis } from "ioredis";

const MEASURE_EVERY_MS = 1000;
/** A slower answer is ignored, since it is too uncertain when Redis gave it. */
const MAX_ROUND_TRIP_MS = 500;

export interface RedisClock {
  /** Milliseconds since the epoch by Redis's clock, at most half a second early; null before the first measurement. */
  now(): number | null;
  /** Measures, and returns the new estimate. */
  measure(): Promise<number>;
  /** Sets the estimate to a time that another command returned, after Redis's clock was set. */
  correct(redisMs: number): void;
  close(): void;
}

export function createRedisClock(redis: Pick<Redis, "time" | "status">, monotonicNow: () => number): RedisClock {
  let offsetMs: number | null = null;
  async function measure(): Promise<number> {
    const sentAt = monotonicNow();
    const [seconds, micros] = await redis.time();
    const answeredAt = monotonicNow();
    // As if Redis gave the time at the moment the answer came: rather too early, so that time limits are kept.
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
