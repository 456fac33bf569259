/**
 * Client-side caching: Redis says which of the keys that a connection has read were changed since, so that unchanged
 * ones need not be read again. It says so on a connection of its own, the watcher. docs/adr/0015 says when a cached
 * value may be trusted. Without the right for CLIENT TRACKING nothing is ever fresh, and everything is read as before.
 */
import type { Redis } from "ioredis";

/** Whether a key is still as it was when it was read. */
export interface Freshness {
  isFresh(): boolean;
}

export interface KeyWatch {
  /** Call it before the read, so that no change after the read is missed. */
  begin(key: string): Freshness;
}

export interface KeyWatchOptions {
  /** Only keys that are read on this connection are watched. */
  reader: Redis;
  /** Must not subscribe again by itself: its id is only told before it subscribes. */
  watcher: Redis;
  monotonicNow: () => number;
}

const INVALIDATIONS = "__redis__:invalidate";
/** How often the watcher is asked for a sign of life. */
const BEAT_MS = 250;
/** Without a sign of life for this long, changes may have been missed. */
const TRUST_MS = 1000;
const MAX_WATCHED = 20_000;

interface Watched {
  isValid: boolean;
}

export function watchKeys({ reader, watcher, monotonicNow }: KeyWatchOptions): KeyWatch {
  const watched = new Map<string, Watched>();
  let watcherId: Promise<unknown> | null = null;
  let isTracking = false;
  /** All changes until then have arrived, since Redis sends a change before it answers a later ping. */
  let completeUntil = Number.NEGATIVE_INFINITY;

  function forgetAll(): void {
    isTracking = false;
    completeUntil = Number.NEGATIVE_INFINITY;
    for (const one of watched.values()) one.isValid = false;
    watched.clear();
  }

  function forget(key: string): void {
    const one = watched.get(key);
    if (one === undefined) return;
    one.isValid = false;
    watched.delete(key);
  }

  async function subscribe(): Promise<unknown> {
    const id = await watcher.call("CLIENT", "ID");
    await watcher.subscribe(INVALIDATIONS);
    return id;
  }

  /** Both connections are new to each other after either has connected. */
  async function track(): Promise<void> {
    const id = watcherId;
    if (id === null || reader.status !== "ready") return;
    await reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", String(await id));
    if (id !== watcherId || reader.status !== "ready") return;
    isTracking = true;
    beat();
  }

  /** Nothing is tracked while Redis refuses it or is away. The next connection tries again. */
  const tryToTrack = () => void track().catch(() => {});

  function beat(): void {
    if (!isTracking) return;
    const askedAt = monotonicNow();
    const id = watcherId;
    watcher.ping().then(
      () => {
        if (id === watcherId) completeUntil = Math.max(completeUntil, askedAt);
      },
      () => {},
    );
  }

  watcher.on("ready", () => {
    forgetAll();
    watcherId = subscribe();
    watcherId.catch(() => {});
    tryToTrack();
  });
  reader.on("ready", () => {
    forgetAll();
    tryToTrack();
  });
  watcher.on("close", () => {
    watcherId = null;
    forgetAll();
  });
  reader.on("close", forgetAll);
  watcher.on("messageBuffer", (_channel: Buffer, keys: Buffer[] | null) => {
    // Null: all keys were deleted.
    if (!Array.isArray(keys)) {
      for (const key of [...watched.keys()]) forget(key);
      return;
    }
    for (const key of keys) forget(key.toString());
  });
  const beating = setInterval(beat, BEAT_MS).unref();
  watcher.once("end", () => clearInterval(beating));

  return {
    begin(key) {
      forget(key);
      if (watched.size >= MAX_WATCHED)
        for (const oldest of [...watched.keys()].slice(0, MAX_WATCHED / 10)) forget(oldest);
      const one: Watched = { isValid: isTracking };
      watched.set(key, one);
      return { isFresh: () => one.isValid && isTracking && monotonicNow() - completeUntil < TRUST_MS };
    },
  };
}

/** For a store whose reads are not watched. */
export const NO_WATCH: KeyWatch = { begin: () => ({ isFresh: () => false }) };
