/** Whether Redis takes our writes: the reason when it does not. */
import type { Redis } from "ioredis";
import { queuePrefix, WEBHOOKS_QUEUE } from "../../queue/messages.js";
import { createKeys } from "../keys.js";
import { faultOf, type RedisFault } from "./fault.js";
import type { Replicas } from "./replicas.js";

/** Redis checks it like any script that writes. It changes nothing, since the key does not exist: no disk write. */
const EMPTY_WRITE = "return redis.call('SET', KEYS[1], '', 'XX')";
/** A key of the store and a key of the queues, because a user may have the right for one of them only. */
const KEYS = [createKeys().probe(), `${queuePrefix(WEBHOOKS_QUEUE)}:probe`];

const UNKNOWN: RedisFault = { kind: "refuses", message: "Redis refuses a write, for an unknown reason." };

export async function whyNotWritable(redis: Redis, replicas: Replicas): Promise<RedisFault | null> {
  try {
    await Promise.all(KEYS.map((key) => redis.eval(EMPTY_WRITE, 1, key)));
    await replicas.haveAllOf(replicas.connection());
    return null;
  } catch (error) {
    return faultOf(error) ?? UNKNOWN;
  }
}
