/** Keeps the gauge of how many requests wait for a slot. It is read now and then, not at each change. */
import type { Pools } from "@visgate/shared/store";
import type { Metrics } from "../metrics.js";
import type { ProviderPool } from "./pool.js";

const EVERY_MS = 5000;

export interface WaitingWatch {
  close(): void;
}

export function watchWaiting(
  watched: readonly ProviderPool[],
  { pools, metrics }: { pools: Pick<Pools, "waitingCount">; metrics: Pick<Metrics, "setWaiting"> },
): WaitingWatch {
  async function read(): Promise<void> {
    for (const pool of watched) metrics.setWaiting(pool.provider, await pools.waitingCount(pool));
  }
  // While Redis is unavailable the last counts stay.
  const timer = setInterval(() => read().catch(() => {}), EVERY_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
