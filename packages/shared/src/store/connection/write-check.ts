/** Whether Redis takes our writes, and the reason when it does not. */
import type { Redis } from "ioredis";
import { queuePrefix, WEBHOOKS_QUEUE } from "../../queue/messages.js";
import { createKeys } from "../keys.js";
import { clusterOf, graceOver } from "./cluster.js";
import { faultOf, type RedisFault } from "./fault.js";
import type { Replicas } from "./replicas.js";

/** Redis checks it like any script that writes. It changes nothing, since the key does not exist: no disk write. */
const EMPTY_WRITE = "return redis.call('SET', KEYS[1], '', 'XX')";
/** A key of the store and a key of the queues, because a user may have the right for one of them only. */
const KEYS = [createKeys().probe(), `${queuePrefix(WEBHOOKS_QUEUE)}:probe`];

/** Of a cluster, keys in many slots, so that every node of a small cluster is asked. */
const CLUSTER_KEYS = Array.from({ length: 16 }, (_, n) => createKeys().probeOf(n));

const UNKNOWN: RedisFault = { kind: "refuses", message: "Redis refuses a write, for an unknown reason." };

/** Resolves when one of them has succeeded, and the others had some more time; never when all fail. */
async function soonAfterOne(tries: Promise<unknown>[]): Promise<void> {
  await Promise.any(tries).catch(() => new Promise(() => {}));
  await graceOver();
}

export interface WriteCheck {
  /** Why no write is taken; null: some are. */
  refusal: RedisFault | null;
  /** Of a cluster: why a part of it takes none. */
  partly: RedisFault | null;
}

/** A cluster goes on as long as one of its nodes takes writes: calls that need another one fail by themselves. */
export async function checkWrites(redis: Redis, replicas: Replicas): Promise<WriteCheck> {
  const isCluster = clusterOf(redis) !== null;
  const faults: RedisFault[] = [];
  const tries = (isCluster ? CLUSTER_KEYS : KEYS).map(async (key) => {
    await redis.eval(EMPTY_WRITE, 1, key);
    await replicas.haveAllOf(replicas.connection(key));
  });
  const all = tries.map((tried) => tried.catch((error) => void faults.push(faultOf(error) ?? UNKNOWN)));
  await Promise.race([Promise.all(all), ...(isCluster ? [soonAfterOne(tries)] : [])]);
  const [first = null] = faults;
  const isRefused = isCluster ? faults.length === tries.length : first !== null;
  return { refusal: isRefused ? first : null, partly: isRefused ? null : first };
}
