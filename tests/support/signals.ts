/** Time that stands still until told, and calls that can be waited for. */
import type { Clock } from "@visgate/shared/units";
import { T0 } from "./records.js";

export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function createTestClock(start = T0): TestClock {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}

export interface WakeSignal {
  ring(): void;
  rings(): number;
  /** Resolves when it has rung `count` times since it was made. */
  rung(count: number, timeoutMs?: number): Promise<void>;
}

export function createWakeSignal(): WakeSignal {
  let rings = 0;
  let heard = () => {};
  return {
    ring() {
      rings += 1;
      heard();
    },
    rings: () => rings,
    rung: (count, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`rang ${rings} times, not ${count}`)), timeoutMs);
        heard = () => {
          if (rings < count) return;
          clearTimeout(timer);
          resolve();
        };
        heard();
      }),
  };
}
