/**
 * Limits how many attempts one receiver gets at a time. A slow receiver uses up only its own slots: further deliveries
 * to it wait in the queue, not in the worker. No receiver gets more slots than remain free for all others, and a
 * receiver that was slow recently gets only a few: slow receivers can fill a worker once, for one attempt's time.
 */
import { parseUrl } from "@visgate/shared/parse-url";

const PER_RECEIVER = 20;
const PER_SLOW_RECEIVER = 2;
/** An attempt that takes longer marks its receiver as slow for SLOW_FOR_MS. */
const SLOW_MS = 5000;
const SLOW_FOR_MS = 60_000;
/** The most idle receivers that are remembered for being slow. */
const MAX_REMEMBERED = 1000;
const FIRST_GUESS_MS = 50;
const WAIT_MIN_MS = 50;
const WAIT_MAX_MS = 30_000;

export interface ReceiverSlots {
  /** The function that releases the slot, or how long to wait (ms) before asking again. */
  enter(url: string): (() => void) | number;
}

export interface ReceiverSlotsOptions {
  /** How many attempts this worker makes at a time, to all receivers together. */
  capacity: number;
  monotonicNow: () => number;
  /** In [0, 1). */
  random: () => number;
}

interface Receiver {
  busy: number;
  /** The duration of the quickest attempt so far. */
  quickestMs: number;
  /** When an attempt last began or ended. */
  movedAt: number;
  /** It counts as slow until then. */
  slowUntil: number;
  /** The latest time at which a waiting delivery was told to ask again. */
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

  /** Spreads the waits at the receiver's pace, so that deliveries return neither all at once nor too early. */
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

/** A receiver without an attempt so far did not fill the worker, so its deliveries may ask again soon. */
const newReceiver = (now: number): Receiver => {
  return { busy: 0, quickestMs: Infinity, movedAt: now, slowUntil: 0, lastTurnAt: 0 };
};

/** A receiver whose attempts neither began nor ended for a while is at least that slow. */
function paceOf({ quickestMs, movedAt }: Receiver, now: number): number {
  return Math.max(quickestMs === Infinity ? FIRST_GUESS_MS : quickestMs, now - movedAt);
}

/** An invalid URL counts as its own receiver; the attempt reports what is wrong with it. */
function originOf(url: string): string {
  return parseUrl(url)?.origin ?? url;
}
