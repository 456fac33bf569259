/**
 * How many attempts at a time go to one receiver. A receiver that is slow to answer holds its own slots and nobody
 * else's: further deliveries to it wait in the queue, not in the worker. No receiver gets more than are left for all
 * others, and one that was slow lately gets only a few: many of them may fill a worker once, for the length of one
 * attempt, and not again.
 */
const PER_RECEIVER = 20;
const PER_SLOW_RECEIVER = 2;
/** An attempt that took longer marks its receiver as slow, for a while. */
const SLOW_MS = 5000;
const SLOW_FOR_MS = 60_000;
/** Receivers without an attempt under way are remembered for being slow only up to so many. */
const MAX_REMEMBERED = 1000;
const FIRST_GUESS_MS = 50;
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
  /** How long an attempt takes at least. */
  quickestMs: number;
  /** When an attempt last began or ended. */
  movedAt: number;
  /** It was slow lately, until then. */
  slowUntil: number;
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
    receiver.movedAt = began;
    busy += 1;
    return () => {
      if (isOver) return;
      isOver = true;
      busy -= 1;
      receiver.busy -= 1;
      receiver.movedAt = monotonicNow();
      const tookMs = receiver.movedAt - began;
      receiver.quickestMs = Math.min(receiver.quickestMs, tookMs);
      receiver.slowUntil = tookMs < SLOW_MS ? 0 : receiver.movedAt + SLOW_FOR_MS;
      forgetIdle(origin, receiver);
    };
  }

  function forgetIdle(origin: string, { busy, slowUntil }: Receiver): void {
    if (busy === 0 && (slowUntil === 0 || receivers.size > MAX_REMEMBERED)) receivers.delete(origin);
  }

  function limitOf({ slowUntil }: Receiver): number {
    const own = slowUntil > monotonicNow() ? PER_SLOW_RECEIVER : PER_RECEIVER;
    return Math.min(own, capacity - busy);
  }

  /** Turns are given out at the pace of the receiver, so that those who wait come neither all at once nor in vain. */
  function turnAway(receiver: Receiver): number {
    const now = monotonicNow();
    const stepMs = paceOf(receiver, now) / Math.max(1, receiver.busy);
    receiver.lastTurnAt = Math.min(Math.max(receiver.lastTurnAt, now + WAIT_MIN_MS) + stepMs, now + WAIT_MAX_MS);
    return (receiver.lastTurnAt - now) * (0.9 + random() / 10);
  }

  return {
    enter(url) {
      const origin = originOf(url);
      const receiver = receivers.get(origin) ?? newReceiver(monotonicNow());
      if (receiver.busy >= limitOf(receiver)) return turnAway(receiver);
      receivers.set(origin, receiver);
      return take(origin, receiver);
    },
  };
}

/** One without an attempt so far is not to blame for a worker that is full: it asks again soon. */
const newReceiver = (now: number): Receiver => {
  return { busy: 0, quickestMs: Infinity, movedAt: now, slowUntil: 0, lastTurnAt: 0 };
};

/** One that has not moved for long is that slow. */
function paceOf({ quickestMs, movedAt }: Receiver, now: number): number {
  return Math.max(quickestMs === Infinity ? FIRST_GUESS_MS : quickestMs, now - movedAt);
}

/** What is no URL has a receiver of its own; the attempt will say what is wrong with it. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
