/**
 * A Redis Cluster behind the same interface as a single server: ioredis sends each command to the node that serves its
 * key. What concerns a node (its settings, its memory, its replicas) is asked of each node here.
 */
import { Cluster, type Redis, type RedisOptions } from "ioredis";
import { createKeys } from "../keys.js";
import type { Patience } from "./connect.js";
import type { ClusterAddress } from "./redis-url.js";

/** While slots move to another node, a command is sent again after this time. */
export const RETRY_MS = 100;
/** Together a little less than the time limit of a command. */
export const FAIL_FAST_RETRIES = 16;
const REFRESH_TIMEOUT_MS = 2000;
/** How soon a connection to a node that is silent, and was replaced by another one, is closed. */
const REFRESH_EVERY_MS = 3000;

type NodeOptions = Patience &
  Pick<RedisOptions, "connectTimeout" | "disconnectTimeout"> & { retryStrategy(attempt: number): number };

/**
 * While a slot moves to another node, its keys are on both. A command would be answered by the new node as if what has
 * not moved yet did not exist, so it waits until the slot has moved (docs/adr/0018-redis-cluster.md).
 */
class PatientCluster extends Cluster {
  override handleError(...[error, ttl, handlers]: Parameters<Cluster["handleError"]>): void {
    super.handleError(isForLater(error) ? new Error(`TRYAGAIN ${error.message}`) : error, ttl, handlers);
  }
}

/**
 * A script that begins with MOVING_CHECK says the second, before it has changed anything. The third follows a try that
 * was refused: ioredis believes that the node knows the script since then.
 */
const isForLater = ({ message }: Error) =>
  message.startsWith("ASK ") || message.includes("non local key") || message.startsWith("NOSCRIPT");

/**
 * The beginning of every script: Redis asks for a key that exists nowhere at another node when the slot is moving.
 * Without it, the script would fail at the first key that is not here, perhaps after some writes.
 */
const MOVING_CHECK = "if string.find(KEYS[1], '{', 1, true) then redis.call('EXISTS', KEYS[1] .. ':nowhere') end";

/** Sharded messages stay with the nodes that have the slot; others would be sent to every node. */
export const scriptForCluster = (lua: string): string =>
  [MOVING_CHECK, lua.replaceAll("'PUBLISH'", "'SPUBLISH'")].join("\n");

export function openCluster(
  { nodes, login }: ClusterAddress,
  { enableOfflineQueue = true, retryStrategy, ...node }: NodeOptions,
): Redis {
  const cluster = new PatientCluster(nodes, {
    redisOptions: { ...login, ...node },
    enableOfflineQueue,
    // If this check fails, the promise of `connect` never settles. BullMQ awaits it, and would take no jobs any more.
    enableReadyCheck: false,
    clusterRetryStrategy: retryStrategy,
    retryDelayOnFailover: RETRY_MS,
    retryDelayOnClusterDown: RETRY_MS,
    slotsRefreshTimeout: REFRESH_TIMEOUT_MS,
    slotsRefreshInterval: REFRESH_EVERY_MS,
    // A patient connection waits until another node serves the slot.
    maxRedirections: node.maxRetriesPerRequest === null ? Number.POSITIVE_INFINITY : FAIL_FAST_RETRIES,
  });
  return cluster as unknown as Redis;
}

/** Null: a single server. */
export function clusterOf(redis: Redis): Cluster | null {
  return redis instanceof Cluster ? redis : null;
}

/** The options of a connection to one server, or to each node. */
export function optionsOf(redis: Redis): RedisOptions {
  return clusterOf(redis)?.options.redisOptions ?? redis.options;
}

export const addressOf = ({ options }: Redis): string => `${options.host}:${options.port}`;

/** The address of the primary that serves the slot, as far as is known. */
export const primaryOf = (cluster: Cluster, slot: number): string | undefined => cluster.slots[slot]?.[0];

/** The connection to the primary that serves the slot, as far as is known; null while none is. */
export function nodeOf(cluster: Cluster, slot: number): Redis | null {
  const primary = primaryOf(cluster, slot);
  return cluster.nodes("master").find((node) => addressOf(node) === primary) ?? null;
}

/** Connections to all primaries; of a single server, its own. */
export function primariesOf(redis: Redis): Redis[] {
  return clusterOf(redis)?.nodes("master") ?? [redis];
}

/** A node that hangs answers late, or never: the others are not kept waiting for longer than this. */
const GRACE_MS = 500;
export const graceOver = () => new Promise<void>((resolve) => setTimeout(resolve, GRACE_MS).unref());

/** A node of a cluster does not answer for this key: another one may. */
export const isElsewhere = (error: unknown): boolean =>
  error instanceof Error && /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |^Connection is closed/.test(error.message);

/** The answers of all primaries; of a cluster, those that come in time. */
export async function askPrimaries<T>(redis: Redis, ask: (node: Redis) => Promise<T>): Promise<T[]> {
  if (clusterOf(redis) === null) return [await ask(redis)];
  const answers: T[] = [];
  const asked = primariesOf(redis).map(async (node) => void answers.push(await ask(node)));
  await Promise.race([Promise.allSettled(asked), graceOver()]);
  return answers;
}

const TIME = "return redis.call('TIME')";

/** The nodes of a cluster have clocks of their own, so it is always the same node that is asked. */
export function timeReaderOf(redis: Redis): () => Promise<(number | string)[]> {
  if (clusterOf(redis) === null) return () => redis.time();
  return () => redis.eval(TIME, 1, createKeys().probe()) as Promise<(number | string)[]>;
}

/** Groups of queues: one command may wait for all of a group, since their keys are on one server. */
export function queueGroups(redis: Redis, queues: readonly string[]): (readonly string[])[] {
  return clusterOf(redis) === null ? [queues] : queues.map((queue) => [queue]);
}
