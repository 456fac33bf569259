/**
 * How many attempts at a time go to one receiver. A receiver that is slow to answer holds its own slots and nobody
 * else's: further deliveries to it wait in the queue, not in the worker.
 */
const PER_RECEIVER = 20;
const WAIT_MIN_MS = 200;
/** Added for each that waits already, so that a thousand of them do not come back together. */
const WAIT_STEP_MS = 10;
const WAIT_MAX_MS = 5000;

export interface ReceiverSlots {
  /** The function that gives the slot back, or how long to wait (ms) until asking again. */
  enter(url: string): (() => void) | number;
}

/** `random`: in [0, 1). */
export function createReceiverSlots(random: () => number, perReceiver = PER_RECEIVER): ReceiverSlots {
  const receivers = new Map<string, { busy: number; turnedAway: number }>();

  function leave(origin: string): void {
    const receiver = receivers.get(origin);
    if (receiver === undefined) return;
    receiver.busy -= 1;
    receiver.turnedAway = Math.max(0, receiver.turnedAway - 1);
    if (receiver.busy === 0) receivers.delete(origin);
  }

  return {
    enter(url) {
      const origin = originOf(url);
      const receiver = receivers.get(origin) ?? { busy: 0, turnedAway: 0 };
      receivers.set(origin, receiver);
      if (receiver.busy >= perReceiver) {
        receiver.turnedAway += 1;
        const waitMs = Math.min(WAIT_MAX_MS, WAIT_MIN_MS + WAIT_STEP_MS * receiver.turnedAway);
        return waitMs * (0.5 + random());
      }
      receiver.busy += 1;
      let isOver = false;
      return () => {
        if (!isOver) leave(origin);
        isOver = true;
      };
    },
  };
}

/** What is no URL has a receiver of its own; the attempt will say what is wrong with it. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
