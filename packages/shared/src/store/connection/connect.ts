/**
 * Redis connections: the API's fails fast, a worker's never gives up. Each one notices by itself that its Redis became a
 * read-only replica, and connects again: behind the same address, or by Sentinel, it then finds the new primary.
 */
import { Redis, type RedisOptions } from "ioredis";
import { createKeys } from "../keys.js";
import { openCluster } from "./cluster.js";
import { faultOf } from "./fault.js";
import { clusterAddress, sentinelOptions } from "./redis-url.js";

export type { Redis };

const CONNECT_TIMEOUT_MS = 2000;
/** A connection on which a command gets no answer for this long is replaced. */
const SILENCE_MS = 4000;
const HEARTBEAT_MS = 3000;
/** A server that hangs does not confirm the end of a connection. After this time it ends without. */
const DISCONNECT_TIMEOUT_MS = 500;
const TIMES = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 1000),
};

const FAIL_FAST: Patience = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 2000,
  socketTimeout: SILENCE_MS,
};

/**
 * For the API: no queueing while Redis is away, and 2 s per command. An error becomes a 503 that may be retried. A
 * connection that breaks silently is detected 4 s after a command.
 */
export function connectFailFast(url: string): Redis {
  return open(url, FAIL_FAST);
}

/** Like `connectFailFast`, for a connection that only reads. */
export function connectReader(url: string): Redis {
  return withHeartbeat(connectFailFast(url));
}

/**
 * For the subscriber of an API process. It sends no commands of its own, so it has a heartbeat instead of a command
 * timeout. A connection that breaks silently is detected within 7 s. Of a cluster, this connection only knows the nodes
 * (`connectNodeSubscriber`).
 */
export function connectSubscriber(url: string): Redis {
  return withHeartbeat(open(url, { maxRetriesPerRequest: null, socketTimeout: SILENCE_MS }));
}

/** For messages of a node of a cluster that this connection leads to. It does not connect again: see sharded-messages.ts. */
export function connectNodeSubscriber(node: Redis): Redis {
  const redis = node.duplicate({ ...TIMES, retryStrategy: null, autoResubscribe: false, lazyConnect: false });
  return everyHeartbeat(redis, () => void redis.ping().catch(() => {}));
}

/** For the changes of keys (key-watch.ts). In RESP3 ioredis drops them, so it speaks RESP2. */
export function connectWatcher(url: string): Redis {
  return open(url, { ...FAIL_FAST, autoResubscribe: false, protocol: 2 });
}

/** As `connectWatcher`, to the node of a cluster that this connection leads to. */
export function connectNodeWatcher(node: Redis): Redis {
  // When the connection is lost, no subscription of it may be sent again before its id is asked for.
  const own = { ...FAIL_FAST, maxRetriesPerRequest: 0, autoResubscribe: false, protocol: 2 as const };
  return node.duplicate({ ...own, ...TIMES, lazyConnect: false });
}

/** For workers: retries without end. A connection that breaks silently is detected after 15 s. */
export function connectPatient(url: string): Redis {
  return open(url, { maxRetriesPerRequest: null, socketTimeout: 15_000 });
}

export type Patience = Pick<
  RedisOptions,
  "enableOfflineQueue" | "maxRetriesPerRequest" | "commandTimeout" | "socketTimeout" | "autoResubscribe" | "protocol"
>;

function open(url: string, own: Patience): Redis {
  const cluster = clusterAddress(url);
  if (cluster !== null) return openCluster(cluster, { ...own, ...TIMES });
  const options = { ...own, ...TIMES, reconnectOnError };
  const sentinels = sentinelOptions(url);
  return sentinels === null ? new Redis(url, options) : new Redis({ ...sentinels, ...options });
}

/** Redis refuses writes since it is a replica, or ends a command that waits since it becomes one (UNBLOCKED). */
const DEMOTED = /READONLY|UNBLOCKED|MASTERDOWN/;
/** As long as the address leads to a replica, a connection is replaced at most this often. */
const REST_MS = 1000;
const resting = new WeakSet<object>();

/**
 * ioredis calls it as a method of a connection's options. Each connection has its own options, also the duplicates that
 * BullMQ makes. The command itself fails: it was not run, and its caller knows whether it may be sent again.
 */
function reconnectOnError(this: unknown, error: Error): boolean {
  const own = this as object;
  if (!DEMOTED.test(error.message) || resting.has(own)) return false;
  resting.add(own);
  setTimeout(() => resting.delete(own), REST_MS).unref();
  return true;
}

/** The ping notices a connection that broke silently. The write changes nothing, and notices a replica. */
function withHeartbeat(redis: Redis): Redis {
  const key = createKeys().probe();
  return everyHeartbeat(redis, () => {
    redis.ping().catch(() => {});
    redis.set(key, "", "XX").catch(() => {});
  });
}

function everyHeartbeat(redis: Redis, beat: () => void): Redis {
  const heartbeat = setInterval(() => redis.status === "ready" && beat(), HEARTBEAT_MS).unref();
  redis.once("end", () => clearInterval(heartbeat));
  return redis;
}

/** Sends the commands of this turn of the event loop in one write, because the system call is the expensive part. */
export function gatherWrites(redis: Redis): void {
  const stream: Redis["stream"] | undefined = redis.stream; // undefined before the first connection
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** Does this error mean that Redis cannot serve now? Commands under way may or may not have been executed. */
export function isRedisAway(error: unknown): boolean {
  return faultOf(error) !== null;
}

/** Redis refuses these before the first write of a script. The lack of a right may show only after some writes. */
const NOTHING_DONE =
  /Stream isn't writeable|Cluster isn't ready|READONLY|OOM command|MISCONF|NOREPLICAS|NOPERM.*'eval(?:sha)?'/;

/** Does this error prove that the command changed nothing? Either it never left this process, or Redis refused it. */
export function changedNothing(error: unknown): boolean {
  return error instanceof Error && NOTHING_DONE.test(error.message);
}

/** Resolves when the connection is ready, however long Redis is away. */
export function untilReady(redis: Redis): Promise<void> {
  return redis.status === "ready" ? Promise.resolve() : new Promise((resolve) => redis.once("ready", () => resolve()));
}
