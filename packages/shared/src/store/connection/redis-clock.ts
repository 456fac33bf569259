/**
 * Redis's clock without a round trip: the one time by which all processes decide (docs/adr/0011-time-is-redis.md).
 *
 * Redis read its clock after `TIME` was sent and before its answer came, so each answer bounds the difference between
 * its clock and a local monotonic one. The estimate is what the answers agree on. An answer that contradicts the earlier
 * ones means that Redis's clock was set, or that this is another Redis: then only the new answer counts.
 */
import type { Redis } from "ioredis";
import type { Clock } from "../../units.js";

const MEASURE_EVERY_MS = 1000;
/** How much two clocks drift apart: twice what NTP corrects a clock by. In ms per ms. */
const DRIFT = 0.001;
const SET_BACK_MS = 1000;

export interface RedisClock extends Clock {
  /** Whole milliseconds since the epoch, never ahead of Redis. Throws before the first measurement. */
  now(): number;
  /** As `now`, but null before the first measurement. */
  estimate(): number | null;
  /** Resolves after the first measurement, however long Redis is away. */
  untilKnown(): Promise<void>;
  /** Measures, and returns the new estimate. */
  measure(): Promise<number>;
  /** Sets the estimate to a time that another command returned, after Redis's clock was set. */
  correct(redisMs: number): void;
  /** Called when Redis's clock went back by more than a second: what was due at a time is due that much later. */
  onSetBack(listener: () => void): void;
  close(): void;
}

/** Redis's clock minus the local one is at least `low` and at most `high`, in ms. */
interface Bounds {
  low: number;
  high: number;
  /** When they were measured, by the local clock. */
  at: number;
}

export interface RedisClockOptions {
  redis: Pick<Redis, "status" | "on">;
  /** The answer of TIME: seconds and microseconds. */
  readTime(): Promise<(number | string)[]>;
  monotonicNow: () => number;
  /** Called after each measurement with the new estimate, and how far Redis may be ahead of it (ms). */
  onMeasured?(redisMs: number, uncertainMs: number): void;
}

export function createRedisClock({ redis, readTime, monotonicNow, onMeasured }: RedisClockOptions): RedisClock {
  let bounds: Bounds | null = null;
  let isMeasuring = false;
  const waiting: (() => void)[] = [];
  const setBackListeners: (() => void)[] = [];

  // The lower bound: rather too early, so that time limits are kept.
  const estimate = () => (bounds === null ? null : Math.floor(monotonicNow() + bounds.low));
  const now = () => {
    const known = estimate();
    if (known === null) throw new Error("This process has no connection to Redis yet, and so no time.");
    return known;
  };

  async function measure(): Promise<number> {
    const sentAt = monotonicNow();
    const [seconds, micros] = await readTime();
    const at = monotonicNow();
    const redisMs = Number(seconds) * 1000 + Number(micros) / 1000;
    const measured = { low: redisMs - at, high: redisMs - sentAt, at };
    const wasSetBack = bounds !== null && measured.high + SET_BACK_MS < bounds.low;
    bounds = bounds === null ? measured : agree(bounds, measured);
    for (const resolve of waiting.splice(0)) resolve();
    onMeasured?.(now(), bounds.high - bounds.low);
    if (wasSetBack) for (const listener of setBackListeners) listener();
    return now();
  }

  async function measureRegularly(): Promise<void> {
    if (isMeasuring || redis.status !== "ready") return;
    isMeasuring = true;
    await measure().catch(() => {});
    isMeasuring = false;
  }
  const timer = setInterval(measureRegularly, MEASURE_EVERY_MS).unref();
  redis.on("ready", measureRegularly);
  void measureRegularly();

  return {
    now,
    estimate,
    untilKnown: () => (bounds === null ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
    measure,
    correct(redisMs) {
      const at = monotonicNow();
      bounds = { low: redisMs - at, high: redisMs - at, at };
    },
    onSetBack: (listener) => void setBackListeners.push(listener),
    close: () => clearInterval(timer),
  };
}

function agree(known: Bounds, measured: Bounds): Bounds {
  const drifted = (measured.at - known.at) * DRIFT;
  const low = Math.max(known.low - drifted, measured.low);
  const high = Math.min(known.high + drifted, measured.high);
  return low <= high ? { low, high, at: measured.at } : measured;
}
