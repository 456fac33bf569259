/**
 * The health of provider accounts: how the last submits and renders of each model ended. It is a hint, so it is written
 * late and in bulk, and may be lost with its process. Each minute has a hash of its own, which expires by itself.
 */
import type { Redis } from "ioredis";
import { timeBucket } from "../money/times.js";
import type { Keys } from "./keys.js";

/** How a submit or a render ended. Ends for which the provider is not to blame are not counted. */
export interface ModelEnd {
  model: string;
  isError: boolean;
  /** Of a render: how long it took, and how long it usually takes; null when that is not known. */
  took?: { ms: number; usualMs: number | null };
}

export interface ModelHealth {
  model: string;
  requests: number;
  errors: number;
  /** How long its renders took together, and how long they usually take; only of those for which that is known. */
  ms: number;
  usualMs: number;
  /** How many renders took how long, in the buckets of money/times.ts. */
  times: Map<number, number>;
  /** Until when it is in cool-down (ms); null when it is not. */
  coolingUntil: number | null;
}

export const HEALTH_MINUTES = 10;
const KEPT_SECONDS = (HEALTH_MINUTES + 2) * 60;
/** So many errors in a row put a model into cool-down. */
const ERRORS_IN_A_ROW = 5;
/** Names of models come from callers where a provider takes any. */
const MAX_MODELS = 1000;
const MINUTE_MS = 60_000;

type Metric = "requests" | "errors" | "ms" | "usualMs";
/** The metric of a bucket of times: this, and its number. */
const TIME = "time";

export function createHealth(redis: Redis, keys: Keys, now: () => number) {
  /** Adds what one process has seen. `ends`: in their order. `coolDownMs`: 0 for no cool-down. */
  async function note(account: string, ends: readonly ModelEnd[], coolDownMs: number): Promise<void> {
    const at = now();
    const minute = keys.healthMinute(account, Math.floor(at / MINUTE_MS));
    const streaks = keys.healthStreaks(account);
    const write = redis.multi();
    for (const [field, by] of sumsOf(ends)) write.hincrby(minute, field, by);
    write.expire(minute, KEPT_SECONDS);
    const failing = streaksOf(ends);
    const well = [...failing].flatMap(([model, { isBroken }]) => (isBroken ? [model, `until|${model}`] : []));
    if (well.length > 0) write.hdel(streaks, ...well);
    const counted = [...failing].filter(([, { errors }]) => errors > 0);
    for (const [model, { errors }] of counted) write.hincrby(streaks, model, errors);
    write.expire(streaks, KEPT_SECONDS).hlen(streaks);
    const answers = resultsOf(await write.exec());
    if (Number(answers.at(-1)) > 2 * MAX_MODELS) return void (await redis.del(streaks));
    const inARow = answers.slice(-2 - counted.length, -2).map(Number);
    const cooling = counted.filter((_, index) => (inARow[index] ?? 0) >= ERRORS_IN_A_ROW);
    if (cooling.length === 0 || coolDownMs === 0) return;
    await redis.hset(streaks, Object.fromEntries(cooling.map(([model]) => [`until|${model}`, at + coolDownMs])));
  }

  /** Whether requests that can use another model should leave this one alone. */
  async function isCooling(account: string, model: string): Promise<boolean> {
    const until = await redis.hget(keys.healthStreaks(account), `until|${model}`);
    return until !== null && Number(until) > now();
  }

  /** Of the last ten minutes, by model. */
  async function read(account: string): Promise<ModelHealth[]> {
    const at = now();
    const last = Math.floor(at / MINUTE_MS);
    const ask = redis.multi().hgetall(keys.healthStreaks(account));
    for (let back = 0; back < HEALTH_MINUTES; back += 1) ask.hgetall(keys.healthMinute(account, last - back));
    const [streaks = {}, ...minutes] = resultsOf(await ask.exec()) as Record<string, string>[];
    const sums = new Map<string, Sum>();
    for (const [field, value] of minutes.flatMap((minute) => Object.entries(minute))) {
      const [metric = "", ...rest] = field.split("|");
      const model = rest.join("|");
      const sum = sums.get(model) ?? { requests: 0, errors: 0, ms: 0, usualMs: 0, times: new Map() };
      sums.set(model, sum);
      addTo(sum, metric, Number(value));
    }
    return [...sums].map(([model, sum]) => {
      const until = Number(streaks[`until|${model}`] ?? 0);
      return { model, ...sum, coolingUntil: until > at ? until : null };
    });
  }

  return { note, isCooling, read };
}

export type Health = ReturnType<typeof createHealth>;

type Sum = Pick<ModelHealth, Metric | "times">;

function addTo(sum: Sum, metric: string, by: number): void {
  if (!metric.startsWith(TIME)) {
    sum[metric as Metric] += by;
    return;
  }
  const bucket = Number(metric.slice(TIME.length));
  sum.times.set(bucket, (sum.times.get(bucket) ?? 0) + by);
}

function sumsOf(ends: readonly ModelEnd[]): Map<string, number> {
  const sums = new Map<string, number>();
  const add = (metric: Metric | `${typeof TIME}${number}`, model: string, by: number) =>
    sums.set(`${metric}|${model}`, (sums.get(`${metric}|${model}`) ?? 0) + Math.round(by));
  for (const { model, isError, took } of ends) {
    add("requests", model, 1);
    if (isError) add("errors", model, 1);
    if (took === undefined) continue;
    add(`${TIME}${timeBucket(took.ms)}`, model, 1);
    if (took.usualMs === null) continue;
    add("ms", model, took.ms);
    add("usualMs", model, took.usualMs);
  }
  return sums;
}

/** Per model: the errors since its last success, and whether there was one, which breaks an earlier row of errors. */
function streaksOf(ends: readonly ModelEnd[]): Map<string, { errors: number; isBroken: boolean }> {
  const streaks = new Map<string, { errors: number; isBroken: boolean }>();
  for (const { model, isError } of ends) {
    const before = streaks.get(model) ?? { errors: 0, isBroken: false };
    streaks.set(model, isError ? { ...before, errors: before.errors + 1 } : { errors: 0, isBroken: true });
  }
  return streaks;
}

function resultsOf(answers: [error: Error | null, value: unknown][] | null): unknown[] {
  return (answers ?? []).map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
