/**
 * BullMQ passes `Date.now()` to its scripts: it decides when a sleeping job is due, when a schedule runs, and when a
 * lock is renewed. It takes no other clock, so a worker's `Date.now` is replaced (docs/adr/0011-time-is-redis.md).
 * Libraries of the process get Redis's time with it; `new Date()` still shows the clock of the machine.
 */
import type { Clock } from "../units.js";

/** Call it when the clock is known, before the first worker starts. */
export function runBullMqBy({ now }: Clock): void {
  Date.now = now;
}
