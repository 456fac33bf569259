/** Client-side caching in a cluster: each primary has a watch of its own (key-watch.ts), for the keys of its slots. */
import type { Cluster, Redis } from "ioredis";
import { addressOf, isElsewhere, nodeOf, primaryOf } from "./cluster.js";
import { type KeyWatch, watchKeys, watchNothing } from "./key-watch.js";
import { slotOf } from "./slot.js";
import { watchSlots } from "./slot-watch.js";

export interface ClusterKeyWatch extends KeyWatch {
  close(): void;
}

/** `openWatcher`: opens another connection to the same node. */
export function watchClusterKeys(cluster: Cluster, openWatcher: (node: Redis) => Redis): ClusterKeyWatch {
  const watches = new Map<Redis, KeyWatch>();
  const watchers = new Set<Redis>();
  const unwatched = watchNothing(cluster as unknown as Redis);

  function watchNode(node: Redis): KeyWatch {
    const watcher = openWatcher(node);
    const watch = watchKeys({ reader: node, watcher, serves: watchSlots(watcher) });
    watches.set(node, watch);
    watchers.add(watcher);
    // ioredis opens a new connection to a node that comes back.
    node.once("end", () => {
      watcher.disconnect();
      watchers.delete(watcher);
      watches.delete(node);
    });
    return watch;
  }

  return {
    async read(key, read) {
      const slot = slotOf(key);
      const node = nodeOf(cluster, slot);
      if (node?.status !== "ready") return unwatched.read(key, read);
      // A node that was replaced while it was out of reach does not know it, and one that is a replica now answers too.
      const isCurrent = () => primaryOf(cluster, slot) === addressOf(node);
      try {
        const { value, watched } = await (watches.get(node) ?? watchNode(node)).read(key, read);
        const isUnchanged = () => watched.isUnchanged() && isCurrent();
        if (isCurrent()) return { value, watched: { ...watched, isUnchanged } };
      } catch (error) {
        if (!isElsewhere(error)) throw error;
      }
      // The cluster's connection finds the node that has it.
      return unwatched.read(key, read);
    },
    close() {
      for (const watcher of watchers) watcher.disconnect();
    },
  };
}
