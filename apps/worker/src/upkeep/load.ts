/** How many jobs sleep in each provider's queue. It is read once a second: a poll does not need the exact number. */
import type { Producer } from "@visgate/shared/queue";

const EVERY_MS = 1000;

export interface LoadWatch {
  inFlight(queue: string): number;
  close(): void;
}

export function watchLoad(queues: readonly string[], producer: Pick<Producer, "sleeping">): LoadWatch {
  const known = new Map<string, number>();
  async function read(): Promise<void> {
    for (const queue of queues) known.set(queue, await producer.sleeping(queue));
  }
  // While Redis is unavailable the last counts stay: no request is polled then.
  const timer = setInterval(() => read().catch(() => {}), EVERY_MS);
  timer.unref();
  return {
    inFlight: (queue) => known.get(queue) ?? 0,
    close: () => clearInterval(timer),
  };
}
