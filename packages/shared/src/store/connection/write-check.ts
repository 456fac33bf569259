/** Whether Redis takes our writes: the reason when it does not. */
import type { Redis } from "ioredis";
import { queuePrefix, WEBHOOKS_QUEUE } from "../../queue/messages.js";
import { createKeys } from "../keys.js";
import { clusterOf } from "./cluster.js";
import { faultOf, type RedisFault } from "./fault.js";
import type { Replicas } from "./replicas.js";

/** Redis checks it like any script that writes. It changes nothing, since the key does not exist: no disk write. */
const EMPTY_WRITE = "return redis.call('SET', KEYS[1], '', 'XX')";
/** A key of the store and a key of the queues, because a user may have the right for one of them only. */
const KEYS: readonly [string, string] = [createKeys().probe(), `${queuePrefix(WEBHOOKS_QUEUE)}:probe`];

/** Of a cluster, keys in many slots, so that every node of a small cluster is asked. */
const CLUSTER_KEYS = Array.from({ length: 16 }, (_, n) => createKeys().probeOf(n));

const UNKNOWN: RedisFault = { kind: "refuses", message: "Redis refuses a write, for an unknown reason." };

export async function whyNotWritable(redis: Redis, replicas: Replicas): Promise<RedisFault | null> {
  try {
    await (clusterOf(redis) === null ? writeAll(redis, replicas) : writeAny(redis, replicas));
    return null;
  } catch (error) {
    return faultOf(error) ?? UNKNOWN;
  }
}

const write = (redis: Redis, key: string) => redis.eval(EMPTY_WRITE, 1, key);

async function writeAll(redis: Redis, replicas: Replicas): Promise<void> {
  await Promise.all(KEYS.map((key) => write(redis, key)));
  await replicas.haveAllOf(replicas.connection(KEYS[0]));
}

/** A cluster goes on as long as one of its nodes takes writes: calls that need another one fail by themselves. */
async function writeAny(redis: Redis, replicas: Replicas): Promise<void> {
  const tries = CLUSTER_KEYS.map(async (key) => {
    await write(redis, key);
    await replicas.haveAllOf(replicas.connection(key));
  });
  await Promise.any(tries).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
}
