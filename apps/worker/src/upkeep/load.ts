/** How many jobs sleep in each provider's queue, looked up now and then: a poll need not know it to the job. */
import type { Producer } from "@visgate/shared/queue";

const EVERY_MS = 1000;

export interface LoadWatch {
  inFlight(queue: string): number;
  close(): void;
}

export function watchLoad(queues: readonly string[], producer: Pick<Producer, "sleeping">): LoadWatch {
  const known = new Map<string, number>();
  async function look(): Promise<void> {
    for (const queue of queues) known.set(queue, await producer.sleeping(queue));
  }
  // While Redis is away nothing is polled either, and the last count is as good as any.
  const timer = setInterval(() => look().catch(() => {}), EVERY_MS);
  timer.unref();
  return {
    inFlight: (queue) => known.get(queue) ?? 0,
    close: () => clearInterval(timer),
  };
}
