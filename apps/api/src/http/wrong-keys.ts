/**
 * Slows callers that try one wrong API key after another. Only wrong keys are counted and refused, after they were
 * looked up: a caller with a right key behind the same address is never slowed.
 */
import { VisgateError } from "@visgate/shared/errors";
import type { Clock } from "@visgate/shared/units";

/** So many wrong keys per address and window are answered 401. */
const ALLOWED = 20;
const WINDOW_MS = 60_000;
/** When more addresses than this send wrong keys, those that began first are forgotten. */
export const MAX_ADDRESSES = 10_000;

export interface WrongKeys {
  /** Counts one. Null, or the error that answers it instead of the 401. */
  count(address: string): VisgateError | null;
  /** The number of addresses that are remembered. */
  size(): number;
}

export function createWrongKeys(clock: Clock): WrongKeys {
  const windows = new Map<string, { count: number; until: number }>();

  function begin(address: string, now: number) {
    const window = { count: 0, until: now + WINDOW_MS };
    windows.delete(address);
    const [oldest] = windows.keys();
    if (windows.size >= MAX_ADDRESSES && oldest !== undefined) windows.delete(oldest);
    windows.set(address, window);
    return window;
  }

  return {
    count(address) {
      const now = clock.now();
      const current = windows.get(address);
      const window = current !== undefined && current.until > now ? current : begin(address, now);
      window.count += 1;
      return window.count > ALLOWED ? tooMany(window.until - now) : null;
    },
    size: () => windows.size,
  };
}

function tooMany(leftMs: number): VisgateError {
  const seconds = Math.ceil(leftMs / 1000);
  const message = `This API key is wrong, and so were ${ALLOWED} others from your address; try again in ${seconds} s.`;
  return new VisgateError("RATE_LIMIT_ERROR", message, { retry_after_seconds: seconds });
}
