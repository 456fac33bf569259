/** Opens the connections on which Redis says which keys were changed. */
import type { Redis } from "ioredis";
import { clusterOf } from "./cluster.js";
import { watchClusterKeys } from "./cluster-key-watch.js";
import { connectNodeWatcher, connectWatcher } from "./connect.js";
import { type KeyWatch, watchKeys } from "./key-watch.js";

export interface OpenKeyWatch {
  keyWatch: KeyWatch;
  close(): void;
}

/** `reader`: the connection that reads the keys. */
export function openKeyWatch(url: string, reader: Redis, onError: (error: Error) => void): OpenKeyWatch {
  const cluster = clusterOf(reader);
  if (cluster === null) {
    const watcher = connectWatcher(url).on("error", onError);
    return { keyWatch: watchKeys({ reader, watcher }), close: () => watcher.disconnect() };
  }
  const keyWatch = watchClusterKeys(cluster, (node) => connectNodeWatcher(node).on("error", onError));
  return { keyWatch, close: keyWatch.close };
}
