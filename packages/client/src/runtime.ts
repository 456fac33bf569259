/** Time and chance, handed to whatever needs them. */
import { sleep } from "./scope.js";

export interface Runtime {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** 0 up to 1. */
  random(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  newIdempotencyKey(): string;
}

export const systemRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep,
  newIdempotencyKey,
};

/** A version 4 UUID. `crypto.randomUUID` is missing in browsers on pages without TLS; random bytes are not. */
function newIdempotencyKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte, at) => {
    const fixed = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return fixed.toString(16).padStart(2, "0");
  });
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
