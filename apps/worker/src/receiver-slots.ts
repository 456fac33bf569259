/**
 * How many attempts at a time go to one receiver. A receiver that is slow to answer holds its own slots and nobody
 * else's: further deliveries to it wait in the queue, not in the worker. No receiver gets more than are left for all
 * others, so that however many of them are slow, something is left.
 */
const PER_RECEIVER = 20;
const WAIT_MIN_MS = 50;
const WAIT_MAX_MS = 30_000;

export interface ReceiverSlots {
  /** The function that gives the slot back, or how long to wait (ms) until asking again. */
  enter(url: string): (() => void) | number;
}

export interface ReceiverSlotsOptions {
  /** Attempts of this worker at a time, to all receivers together. */
  capacity: number;
  monotonicNow: () => number;
  /** In [0, 1). */
  random: () => number;
}

interface Receiver {
  busy: number;
  /** How long an attempt took lately. */
  paceMs: number;
  /** When an attempt last ended, or the first one began. */
  movedAt: number;
  /** When the one that waits longest should ask again. */
  lastTurnAt: number;
}

export function createReceiverSlots({ capacity, monotonicNow, random }: ReceiverSlotsOptions): ReceiverSlots {
  const receivers = new Map<string, Receiver>();
  let busy = 0;

  function take(origin: string, receiver: Receiver): () => void {
    const began = monotonicNow();
    let isOver = false;
    receiver.busy += 1;
    busy += 1;
    return () => {
      if (isOver) return;
      isOver = true;
      busy -= 1;
      receiver.busy -= 1;
      receiver.movedAt = monotonicNow();
      receiver.paceMs = (receiver.paceMs + receiver.movedAt - began) / 2;
      if (receiver.busy === 0) receivers.delete(origin);
    };
  }

  /** Turns are given out at the pace of the receiver; one that has not moved for long has no better pace than that. */
  function turnAway(receiver: Receiver): number {
    const now = monotonicNow();
    const stepMs = Math.max(receiver.paceMs, now - receiver.movedAt) / Math.max(1, receiver.busy);
    receiver.lastTurnAt = Math.min(Math.max(receiver.lastTurnAt, now + WAIT_MIN_MS) + stepMs, now + WAIT_MAX_MS);
    return (receiver.lastTurnAt - now) * (0.5 + random() / 2);
  }

  return {
    enter(url) {
      const origin = originOf(url);
      const receiver = receivers.get(origin) ?? { busy: 0, paceMs: 0, movedAt: monotonicNow(), lastTurnAt: 0 };
      if (receiver.busy >= Math.min(PER_RECEIVER, capacity - busy)) return turnAway(receiver);
      receivers.set(origin, receiver);
      return take(origin, receiver);
    },
  };
}

/** What is no URL has a receiver of its own; the attempt will say what is wrong with it. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
