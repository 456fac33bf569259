/**
 * A Redis Cluster behind the same interface as a single server: ioredis sends each command to the node that serves its
 * key. What concerns a node (its settings, its memory, its replicas) is asked of each node here.
 */
import { Cluster, Command, Redis, type RedisOptions } from "ioredis";
import { createKeys } from "../keys.js";
import type { Patience } from "./connect.js";
import type { ClusterAddress } from "./redis-url.js";

/** While slots move to another node, a command is sent again after this time. */
const RETRY_MS = 100;
/** Together a little less than the time limit of a command. */
const FAIL_FAST_RETRIES = 16;
const REFRESH_TIMEOUT_MS = 2000;

export const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 1000);

type NodeOptions = Patience & Pick<RedisOptions, "connectTimeout" | "disconnectTimeout">;

export function openCluster(
  { nodes, login }: ClusterAddress,
  { enableOfflineQueue = true, ...node }: NodeOptions,
): Redis {
  const cluster = new Cluster(nodes, {
    redisOptions: { ...login, ...node },
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    retryDelayOnFailover: RETRY_MS,
    retryDelayOnClusterDown: RETRY_MS,
    slotsRefreshTimeout: REFRESH_TIMEOUT_MS,
    // A patient connection waits until another node serves the slot.
    maxRedirections: node.maxRetriesPerRequest === null ? Number.POSITIVE_INFINITY : FAIL_FAST_RETRIES,
  });
  return cluster as unknown as Redis;
}

/**
 * A connection to one of the nodes, to another one after each loss: for messages, which a cluster passes on to all its
 * nodes.
 */
export function openAnyNode({ nodes, login }: ClusterAddress, options: NodeOptions): Redis {
  const first = Math.floor(Math.random() * nodes.length);
  const redis: Redis = new Redis({
    ...{ ...login, ...options, ...nodes[first] },
    retryStrategy(attempt: number) {
      Object.assign(redis.options, nodes[(first + attempt) % nodes.length]);
      return retryStrategy(attempt);
    },
  });
  return redis;
}

/** Null: a single server. */
export function clusterOf(redis: Redis): Cluster | null {
  return redis instanceof Cluster ? redis : null;
}

/** The options of a connection to one server, or to each node. */
export function optionsOf(redis: Redis): RedisOptions {
  return clusterOf(redis)?.options.redisOptions ?? redis.options;
}

/** The connection to the primary that serves the key, as far as is known; null while none is. */
export function nodeOf(cluster: Cluster, key: string): Redis | null {
  const [primary] = cluster.slots[new Command("get", [key]).getSlot()] ?? [];
  const isPrimary = ({ options }: Redis) => `${options.host}:${options.port}` === primary;
  return cluster.nodes("master").find(isPrimary) ?? null;
}

/** Connections to all primaries; of a single server, its own. */
export function primariesOf(redis: Redis): Redis[] {
  return clusterOf(redis)?.nodes("master") ?? [redis];
}

const TIME = "return redis.call('TIME')";

/** The nodes of a cluster have clocks of their own, so it is always the same node that is asked. */
export function timeReaderOf(redis: Redis): () => Promise<(number | string)[]> {
  if (clusterOf(redis) === null) return () => redis.time();
  return () => redis.eval(TIME, 1, createKeys().probe()) as Promise<(number | string)[]>;
}

/** Queues that one command may wait for together: their keys are on one server. */
export function slotsOf(redis: Redis, queues: readonly string[]): (readonly string[])[] {
  return clusterOf(redis) === null ? [queues] : queues.map((queue) => [queue]);
}
