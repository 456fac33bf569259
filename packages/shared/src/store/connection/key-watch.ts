/**
 * Client-side caching: Redis says which of the keys that a connection has read were changed since, so that unchanged
 * ones need not be read again. It says so on a connection of its own, the watcher. docs/adr/0015 says why a key may be
 * trusted. Without the right for CLIENT TRACKING nothing is ever unchanged, and everything is read as before.
 */
import type { Redis } from "ioredis";
import { clusterOf } from "./cluster.js";
import { connectWatcher } from "./connect.js";

/** Of one read of a key. */
export interface Watched {
  /** Whether the key is still as it was then, as far as this process knows. */
  isUnchanged(): boolean;
}

export interface KeyWatch {
  /** Call it before the read, so that no change after the read is missed. */
  begin(key: string): Watched;
  /** Resolves when all changes from before the call are known here. Rejects when Redis does not answer. */
  catchUp(): Promise<void>;
}

export interface KeyWatchOptions {
  /** Only keys that are read on this connection are watched. */
  reader: Redis;
  /** Must not subscribe again by itself: its id is only told before it subscribes. */
  watcher: Redis;
}

const INVALIDATIONS = "__redis__:invalidate";
/** When more keys are watched, the oldest are read again. */
const MAX_WATCHED = 20_000;

interface State {
  isUnchanged: boolean;
}

export function watchKeys({ reader, watcher }: KeyWatchOptions): KeyWatch {
  const watched = new Map<string, State>();
  let watcherId: Promise<unknown> | null = null;
  let isTracking = false;

  function forget(key: string): void {
    const state = watched.get(key);
    if (state === undefined) return;
    state.isUnchanged = false;
    watched.delete(key);
  }

  function forgetAll(): void {
    for (const key of [...watched.keys()]) forget(key);
  }

  function loseTrack(): void {
    isTracking = false;
    forgetAll();
  }

  async function subscribe(): Promise<unknown> {
    const id = await watcher.call("CLIENT", "ID");
    await watcher.subscribe(INVALIDATIONS);
    return id;
  }

  /** Both connections must know each other, after either has connected. */
  async function track(): Promise<void> {
    loseTrack();
    const id = watcherId;
    if (id === null || reader.status !== "ready") return;
    await reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", String(await id));
    isTracking = id === watcherId && reader.status === "ready";
  }

  /** Redis may refuse it or be away. The next connection tries again. */
  const tryToTrack = () => void track().catch(() => {});

  watcher.on("ready", () => {
    watcherId = subscribe();
    tryToTrack();
  });
  watcher.on("close", () => {
    watcherId = null;
    loseTrack();
  });
  reader.on("ready", tryToTrack);
  reader.on("close", loseTrack);
  watcher.on("messageBuffer", (_channel: Buffer, keys: Buffer[] | null) => {
    // Null: all keys were deleted.
    if (keys === null) forgetAll();
    else for (const key of keys) forget(key.toString());
  });

  let catchingUp: Promise<void> | null = null;

  /** Redis sends the changes from before the ping before its answer, on the same connection. */
  async function ping(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    catchingUp = null;
    try {
      await watcher.ping();
    } catch (error) {
      // When the connection was lost, nothing counts as unchanged any more. Else Redis hangs.
      if (!isTracking) return;
      loseTrack();
      watcher.disconnect(true);
      throw error;
    }
  }

  return {
    begin(key) {
      forget(key);
      if (watched.size >= MAX_WATCHED)
        for (const oldest of [...watched.keys()].slice(0, MAX_WATCHED / 10)) forget(oldest);
      const state: State = { isUnchanged: isTracking };
      watched.set(key, state);
      return { isUnchanged: () => state.isUnchanged };
    },

    /** All calls of one turn of the event loop share a ping. */
    catchUp() {
      catchingUp ??= ping();
      return catchingUp;
    },
  };
}

export interface OpenKeyWatch {
  keyWatch: KeyWatch;
  close(): void;
}

/** In a cluster every node would need a watcher of its own; there nothing is watched. */
export function openKeyWatch(url: string, reader: Redis, onError: (error: Error) => void): OpenKeyWatch {
  if (clusterOf(reader) !== null) return { keyWatch: NO_WATCH, close() {} };
  const watcher = connectWatcher(url).on("error", onError);
  return { keyWatch: watchKeys({ reader, watcher }), close: () => watcher.disconnect() };
}

/** For a store whose reads are not watched. */
export const NO_WATCH: KeyWatch = { begin: () => ({ isUnchanged: () => false }), catchUp: async () => {} };
