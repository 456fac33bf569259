/**
 * Reads of revisions, the command behind every status poll. Those of one turn of the event loop leave in one write:
 * under load the system call costs more than all else about a poll. The connection should hold no scripts, since a
 * pipeline copies each of them.
 */
import type { ChainableCommander, Redis } from "ioredis";

/** Null when the record is not there. */
export function createRevisionReader(redis: Redis): (requestKey: string) => Promise<string | null> {
  let batch: ChainableCommander | null = null;

  function openBatch(): ChainableCommander {
    const opened = redis.pipeline();
    setImmediate(() => {
      batch = null;
      opened.exec().catch(() => {}); // each command tells its own caller
    });
    return opened;
  }

  return (requestKey) =>
    new Promise((resolve, reject) => {
      batch ??= openBatch();
      batch.hget(requestKey, "rev", (error, rev) => (error ? reject(error) : resolve(rev ?? null)));
    });
}
