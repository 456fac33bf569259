/** A clock that the test moves, and a signal that counts how often it was fired and can be waited for. */
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

export interface TestSignal {
  fire(): void;
  /** How often it was fired since it was created. */
  count(): number;
  /** Resolves when it was fired `count` times since it was created. */
  reached(count: number, timeoutMs?: number): Promise<void>;
}

export function createTestSignal(): TestSignal {
  let fired = 0;
  let onFire = () => {};
  return {
    fire() {
      fired += 1;
      onFire();
    },
    count: () => fired,
    reached: (count, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`fired ${fired} times, not ${count}`)), timeoutMs);
        onFire = () => {
          if (fired < count) return;
          clearTimeout(timer);
          resolve();
        };
        onFire();
      }),
  };
}
