/** How many jobs each provider's queue holds. It is read once a second: a poll does not need the exact number. */
import { IDLE, type PollLoad, type PollRhythm, soonMs } from "@visgate/providers";
import type { Producer } from "@visgate/shared/queue";

const EVERY_MS = 1000;

export interface LoadWatch {
  of(queue: string): PollLoad;
  close(): void;
}

export interface LoadWatchOptions extends Pick<Producer, "sleeping" | "dueWithin"> {
  /** How many requests of the queue sleep because they wait for a slot. They are not polled. */
  waiting(queue: string): Promise<number>;
  onWaiting(queue: string, count: number): void;
}

export function watchLoad(rhythms: ReadonlyMap<string, PollRhythm>, options: LoadWatchOptions): LoadWatch {
  const { sleeping, dueWithin, waiting, onWaiting } = options;
  const known = new Map<string, PollLoad>();
  const loadOf = (queue: string) => known.get(queue) ?? IDLE;
  async function read(): Promise<void> {
    for (const [queue, rhythm] of rhythms) {
      const count = await waiting(queue);
      const all = await sleeping(queue);
      const inFlight = Math.max(0, all - count);
      const soon = await dueWithin(queue, soonMs(rhythm, loadOf(queue)));
      // Those that wait for a slot are due soon as often as others.
      known.set(queue, { inFlight, dueSoon: Math.round(soon * (inFlight / Math.max(1, all))) });
      onWaiting(queue, count);
    }
  }
  // While Redis is unavailable the last counts stay: no request is polled then.
  const timer = setInterval(() => read().catch(() => {}), EVERY_MS);
  timer.unref();
  return { of: loadOf, close: () => clearInterval(timer) };
}
