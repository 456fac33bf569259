/**
 * Client-side caching: Redis says which of the keys that a connection has read were changed since, so that unchanged
 * ones need not be read again. It says so on a connection of its own, the watcher. docs/adr/0015 says why a key may be
 * trusted. Without the right for CLIENT TRACKING nothing is ever unchanged, and everything is read as before.
 */
import type { Redis } from "ioredis";
import { isElsewhere } from "./cluster.js";

/** A key that was read. */
export interface Watched {
  /** Whether the key is still as it was then, as far as this process knows. */
  isUnchanged(): boolean;
  /** Resolves when all changes from before the call are known here. Rejects when Redis does not answer. */
  catchUp(): Promise<void>;
}

export interface WatchedRead<T> {
  value: T;
  watched: Watched;
}

export interface KeyWatch {
  /** `read` reads the key on the connection that it gets, perhaps once more on another one. */
  read<T>(key: string, read: (redis: Redis) => Promise<T>): Promise<WatchedRead<T>>;
}

export interface KeyWatchOptions {
  /** Only keys that are read on this connection are watched. */
  reader: Redis;
  /** Must not subscribe again by itself: its id is only told before it subscribes. */
  watcher: Redis;
  /** Of a node of a cluster: whether it will say when it stops serving the slot of this key (slot-watch.ts). */
  serves?: (key: string) => boolean;
}

const INVALIDATIONS = "__redis__:invalidate";
/** When more keys are watched, the oldest are read again. */
const MAX_WATCHED = 20_000;

interface State {
  isUnchanged: boolean;
}

export function watchKeys({ reader, watcher, serves }: KeyWatchOptions): KeyWatch {
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

  function loseWatcher(): void {
    watcherId = null;
    loseTrack();
  }

  function replaceWatcher(): void {
    loseWatcher();
    watcher.disconnect(true);
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
    watcherId.catch(() => {}); // it has no other listener while the reader is away
    tryToTrack();
  });
  watcher.on("close", loseWatcher);
  // A slot has left this node. ioredis may take what follows on this connection for answers to other commands.
  watcher.on("moved", replaceWatcher);
  reader.on("ready", tryToTrack);
  reader.on("close", loseTrack);
  watcher.on("messageBuffer", (_channel: Buffer, keys: Buffer[] | null) => {
    // Null: all keys were deleted.
    if (keys === null) forgetAll();
    else for (const key of keys) forget(key.toString());
  });

  function begin(key: string): State {
    forget(key);
    if (watched.size >= MAX_WATCHED)
      for (const oldest of [...watched.keys()].slice(0, MAX_WATCHED / 10)) forget(oldest);
    const state: State = { isUnchanged: isTracking && (serves === undefined || serves(key)) };
    watched.set(key, state);
    return state;
  }

  let catchingUp: Promise<void> | null = null;

  /**
   * Redis sends the changes from before the ping before its answer, on the same connection. A node of a cluster answers a
   * ping also when it may not answer for keys any more, so it is asked for one.
   */
  async function ping(key: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    catchingUp = null;
    try {
      await Promise.all([watcher.ping(), serves === undefined || reader.exists(key)]);
    } catch (error) {
      // When the connection was lost, nothing counts as unchanged any more. Else Redis hangs, or refuses the key.
      if (!isTracking) return;
      replaceWatcher();
      if (!isElsewhere(error)) throw error;
    }
  }

  /** All calls of one turn of the event loop share a ping. */
  function catchUp(key: string): Promise<void> {
    catchingUp ??= ping(key);
    return catchingUp;
  }

  return {
    async read(key, read) {
      // Before the read, so that no change after it is missed.
      const state = begin(key);
      const value = await read(reader);
      return { value, watched: { isUnchanged: () => state.isUnchanged, catchUp: () => catchUp(key) } };
    },
  };
}

const UNWATCHED: Watched = { isUnchanged: () => false, catchUp: async () => {} };

/** For reads that are not watched. */
export function watchNothing(redis: Redis): KeyWatch {
  return { read: async (_key, read) => ({ value: await read(redis), watched: UNWATCHED }) };
}
