/** Which replicas must have a write so that no failover by Sentinels loses it. */
import { Redis, type RedisOptions } from "ioredis";
import type { GroupConnector } from "./sentinel.js";

/** A Sentinel that does not answer in this time is not counted until it answers again. */
const QUESTION_MS = 500;
/** After this time without an answer, its connection is replaced. */
const SILENCE_MS = 2000;
const DEFAULT_PORT = 26_379;

export interface SentinelGroup {
  /** The replicas that the primary of this connection sends its writes to. Null: it is no primary any more. */
  followers(): Promise<string[] | null>;
  /**
   * Ask it when `WAIT` has been answered: how many replicas must have confirmed. Null: the Sentinels may have promoted
   * one of them, or too few Sentinels answer.
   */
  neededReplicas(followers: readonly string[]): Promise<number | null>;
  close(): void;
}

/**
 * Null when REDIS_URL names no Sentinels.
 *
 * Why a write that passes survives: to promote a replica, one Sentinel first marks its failover as in progress. It names
 * the old primary with this mark until it sees the promotion, and then the new one. So if all Sentinels name our primary
 * without the mark, after the wait for the replicas has ended, then any later failover finds the write on every replica
 * that followed. Sentinels prefer those, because they have more data than a replica that did not follow.
 */
export function openSentinelGroup(redis: Redis): SentinelGroup | null {
  const { options } = redis;
  if (!options.sentinels) return null;
  const sentinels = options.sentinels.map((address) => connectSentinel(options, address));
  const connector = Reflect.get(redis, "connector") as GroupConnector;
  return {
    async followers() {
      const [kind, , replicas] = (await redis.role()) as [string, number, string[][]];
      return kind === "master" ? replicas.map(([ip, port]) => `${ip}:${port}`) : null;
    },

    async neededReplicas(followers) {
      const { primary } = connector;
      const asked = sentinels.map((sentinel) => ask(sentinel, options.name ?? "").catch(() => null));
      return countNeeded({ primary, followers, answers: await Promise.all(asked) });
    },

    close() {
      for (const sentinel of sentinels) sentinel.disconnect();
    },
  };
}

function connectSentinel(options: RedisOptions, { host, port }: { host?: string; port?: number }): Redis {
  const sentinel = new Redis({
    ...{ host: host ?? "127.0.0.1", port: port ?? DEFAULT_PORT },
    ...(options.sentinelUsername && { username: options.sentinelUsername }),
    ...(options.sentinelPassword && { password: options.sentinelPassword }),
    ...(options.sentinelTLS && { tls: options.sentinelTLS }),
    ...{ connectTimeout: SILENCE_MS, commandTimeout: QUESTION_MS, socketTimeout: SILENCE_MS },
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 1000 },
  });
  return sentinel.on("error", () => {});
}

export interface ListedReplica {
  address: string;
  isDown: boolean;
  /** Its `replica-priority` is not 0. */
  mayBePromoted: boolean;
  /** As far as the Sentinel knows, which asks each server every ten seconds, or every second during a failover. */
  isFollowing: boolean;
}

export interface SentinelAnswer {
  primary: string;
  /** It promotes a replica, and has not seen yet that this is done. */
  isPromoting: boolean;
  /** How many Sentinels watch this group. */
  sentinelCount: number;
  replicas: ListedReplica[];
}

async function ask(sentinel: Redis, name: string): Promise<SentinelAnswer> {
  const [address, watched, replicas] = (await Promise.all([
    sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
    sentinel.call("SENTINEL", "MASTER", name),
    sentinel.call("SENTINEL", "REPLICAS", name),
  ])) as [string[] | null, unknown, unknown[]];
  const fields = fieldsOf(watched);
  const primary = (address ?? []).join(":");
  // When the promotion was seen, the new primary is named, and the mark is about the other replicas.
  const isPromoting = fields.flags.includes("failover_in_progress") && addressOf(fields) === primary;
  return {
    ...{ primary, isPromoting, sentinelCount: 1 + Number(fields["num-other-sentinels"]) },
    replicas: replicas.map(replicaOf),
  };
}

function replicaOf(listed: unknown): ListedReplica {
  const fields = fieldsOf(listed);
  return {
    address: addressOf(fields),
    isDown: /[so]_down/.test(fields.flags),
    mayBePromoted: fields["slave-priority"] !== "0",
    isFollowing: fields["role-reported"] === "slave" && fields["master-link-status"] === "ok",
  };
}

type Fields = Record<string, string> & { flags: string };

/** RESP2 has names and values in one list, RESP3 has a map. */
function fieldsOf(listed: unknown): Fields {
  const pairs = Array.isArray(listed)
    ? Object.fromEntries(listed.flatMap((name, index) => (index % 2 === 0 ? [[name, listed[index + 1]]] : [])))
    : (listed as object);
  return { flags: "", ...pairs };
}

const addressOf = ({ ip, port }: Fields) => `${ip}:${port}`;

export interface GroupState {
  /** The primary of our connection, as a Sentinel named it. */
  primary: string | null;
  /** The replicas that it sends its writes to. */
  followers: readonly string[];
  /** Of each Sentinel in REDIS_URL; null: it did not answer. */
  answers: readonly (SentinelAnswer | null)[];
}

/**
 * Null: the primary may have been replaced. When some Sentinels did not answer or are not in REDIS_URL, one of these may
 * be promoting a replica: then every replica counts that is not down. Otherwise those count that follow the primary, as
 * the primary or a Sentinel sees it.
 */
export function countNeeded({ primary, followers, answers: all }: GroupState): number | null {
  const answers = all.filter((answer) => answer !== null);
  const isMajority = 2 * answers.length > all.length;
  if (!isMajority || answers.some((answer) => answer.primary !== primary || answer.isPromoting)) return null;
  const isComplete = answers.length >= Math.max(...answers.map(({ sentinelCount }) => sentinelCount));
  const listed = answers.flatMap(({ replicas }) => replicas);
  const alive = listed.filter(({ isDown }) => !isDown);
  const counted = alive.filter(({ mayBePromoted, isFollowing }) => mayBePromoted && (isFollowing || !isComplete));
  const isAliveOrUnknown = (follower: string) =>
    alive.some(({ address }) => address === follower) || !listed.some(({ address }) => address === follower);
  const needed = new Set([...counted.map(({ address }) => address), ...followers.filter(isAliveOrUnknown)]);
  return needed.size;
}
