/** What an operator wants to know about Redis: its version, its settings, its clock. */
import type { Redis } from "ioredis";
import { type RedisSettings, readSettings, unlessDenied } from "./safety.js";

/** A field is null when Redis does not show it, as some managed servers. */
export interface RedisInspection {
  version: string | null;
  settings: RedisSettings | null;
  /** Its clock minus ours, in milliseconds, to within half a round trip. */
  clockAheadMs: number | null;
}

export async function inspectRedis(redis: Redis, now: () => number): Promise<RedisInspection> {
  const [version, settings, clockAheadMs] = await Promise.all([
    unlessDenied(() => readVersion(redis)),
    readSettings(redis),
    unlessDenied(() => compareClocks(redis, now)),
  ]);
  return { version, settings, clockAheadMs };
}

async function readVersion(redis: Redis): Promise<string | null> {
  const info = await redis.info("server");
  // Valkey has both, and names in redis_version the Redis that it is compatible with.
  return (/^valkey_version:(\S+)/m.exec(info) ?? /^redis_version:(\S+)/m.exec(info))?.[1] ?? null;
}

async function compareClocks(redis: Redis, now: () => number): Promise<number> {
  const before = now();
  const [seconds, micros] = await redis.time();
  const theirs = Number(seconds) * 1000 + Number(micros) / 1000;
  return Math.round(theirs - (before + now()) / 2);
}
