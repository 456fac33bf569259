/**
 * Wakes each waiting caller every LOOK_AGAIN_MS: Redis may refuse messages to this user, or lose one in a failover. One
 * timer serves all callers. Each second it wakes a tenth of them, so that not all read at the same moment.
 */

const TICK_MS = 1000;
const GROUPS = 10;
export const LOOK_AGAIN_MS = GROUPS * TICK_MS;

const groups = Array.from({ length: GROUPS }, () => new Set<() => void>());
let current = 0;
let size = 0;
let timer: NodeJS.Timeout | undefined;

function tick(): void {
  current = (current + 1) % GROUPS;
  for (const wake of [...(groups[current] ?? [])]) wake();
}

/** Returns the function that ends it. A caller that joins now has its turn in LOOK_AGAIN_MS, a second earlier at most. */
export function lookAgain(wake: () => void): () => void {
  const group = groups[current];
  group?.add(wake);
  size += 1;
  timer ??= setInterval(tick, TICK_MS).unref();
  return () => {
    if (group?.delete(wake)) size -= 1;
    if (size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
