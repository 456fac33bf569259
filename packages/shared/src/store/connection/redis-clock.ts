/**
 * An estimate of Redis's clock without a round trip, for decisions on which several processes must agree. Kept as an
 * offset to a local monotonic clock, and measured regularly.
 */
import type { Redis } from "ioredis";

const MEASURE_EVERY_MS = 1000;
/** A slower answer is ignored: the moment at which Redis gave it is too uncertain. */
const MAX_ROUND_TRIP_MS = 500;

export interface RedisClock {
  /** Milliseconds since the epoch by Redis's clock, at most half a second too early; null before the first measurement. */
  now(): number | null;
  /** Measures, and returns the new estimate. */
  measure(): Promise<number>;
  /** Redis's clock was set: another command returned its new time. */
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
