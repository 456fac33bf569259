/** Watches Redis: whether its settings keep accepted requests safe, and whether it is too full to accept more. */
import type { Redis } from "ioredis";
import { judge, memoryShare, readSettings, type SafetyVerdict } from "./safety.js";

const CHECK_EVERY_MS = 2000;
/** Above this share of maxmemory no request is accepted, so that accepted requests always have room to finish. */
const MAX_MEMORY_SHARE = 0.7;

export interface Gate {
  isUnderPressure(): boolean;
  close(): void;
}

/** `onVerdict` is called at every connection: a Redis that comes back may have other settings. */
export function createGate(redis: Redis, onVerdict: (verdict: SafetyVerdict) => void): Gate {
  let share = 0;
  const measure = async () => {
    if (redis.status === "ready") share = await memoryShare(redis).catch(() => share);
  };
  const check = () => {
    readSettings(redis).then(
      (settings) => onVerdict(judge(settings)),
      () => {},
    );
    void measure();
  };
  redis.on("ready", check);
  if (redis.status === "ready") check();
  const timer = setInterval(measure, CHECK_EVERY_MS).unref();
  return { isUnderPressure: () => share >= MAX_MEMORY_SHARE, close: () => clearInterval(timer) };
}
