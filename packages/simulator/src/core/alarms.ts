const MAX_TIMER_MS = 2 ** 31 - 1;

/** Named timers, also for moments beyond the longest timer of Node. Setting a name again moves its timer. */
export interface Alarms {
  set(name: string, at: number, ring: () => void): void;
  has(name: string): boolean;
  close(): void;
}

export function createAlarms(now: () => number): Alarms {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  function set(name: string, at: number, ring: () => void): void {
    clearTimeout(timers.get(name));
    if (closed) return;
    const fire = (): void => {
      timers.delete(name);
      // A timer may fire a millisecond early, and a wait beyond the longest timer ends here too.
      if (now() < at) set(name, at, ring);
      else ring();
    };
    timers.set(name, setTimeout(fire, Math.min(Math.max(0, at - now()), MAX_TIMER_MS)));
  }

  return {
    set,
    has: (name) => timers.has(name),
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
