/** Remembers what was read for less than a second: a change by another process works within a second. */
import type { Clock } from "../units.js";

export const REMEMBER_MS = 800;
const MAX_REMEMBERED = 10_000;

export interface ShortMemory<T> {
  /** What was read for the name a moment ago, or is read now. A failed read is not remembered. */
  get(name: string): Promise<T>;
  /** Call it after a change that this process made. */
  forget(name: string): void;
}

export function createShortMemory<T>(read: (name: string) => Promise<T>, clock: Clock): ShortMemory<T> {
  const remembered = new Map<string, { value: Promise<T>; until: number }>();

  function forget(name: string): void {
    remembered.delete(name);
  }

  return {
    get(name) {
      const now = clock.now();
      const known = remembered.get(name);
      if (known !== undefined && known.until > now) return known.value;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      const reading = { value: read(name), until: now + REMEMBER_MS };
      remembered.set(name, reading);
      reading.value.catch(() => remembered.get(name) === reading && forget(name));
      return reading.value;
    },
    forget,
  };
}
