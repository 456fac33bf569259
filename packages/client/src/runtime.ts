/** Time and randomness as arguments, so that tests can replace them. */
import { sleep } from "./abort-scope.js";

export interface Runtime {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** From 0 up to, but not including, 1. */
  random(): number;
  /** Rejects with the error of `signal` when that is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  newIdempotencyKey(): string;
}

export const systemRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep,
  newIdempotencyKey,
};

/** A version 4 UUID. Browsers have no `crypto.randomUUID` on pages without TLS, but they have random bytes. */
function newIdempotencyKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte, at) => {
    const fixed = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return fixed.toString(16).padStart(2, "0");
  });
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
