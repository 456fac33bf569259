/** How many jobs each provider's queue holds. It is read once a second: a poll does not need the exact number. */
import type { Producer } from "@visgate/shared/queue";

const EVERY_MS = 1000;

export interface LoadWatch {
  /** The jobs that sleep between two polls. */
  inFlight(queue: string): number;
  close(): void;
}

export interface LoadWatchOptions {
  sleeping: Producer["sleeping"];
  /** How many requests of the queue sleep because they wait for a slot. They are not polled. */
  waiting(queue: string): Promise<number>;
  onWaiting(queue: string, count: number): void;
}

export function watchLoad(queues: readonly string[], { sleeping, waiting, onWaiting }: LoadWatchOptions): LoadWatch {
  const known = new Map<string, number>();
  async function read(): Promise<void> {
    for (const queue of queues) {
      const count = await waiting(queue);
      known.set(queue, Math.max(0, (await sleeping(queue)) - count));
      onWaiting(queue, count);
    }
  }
  // While Redis is unavailable the last counts stay: no request is polled then.
  const timer = setInterval(() => read().catch(() => {}), EVERY_MS);
  timer.unref();
  return {
    inFlight: (queue) => known.get(queue) ?? 0,
    close: () => clearInterval(timer),
  };
}
