/**
 * Sentinels: how a connection finds its primary and learns of a failover, and which replicas must have a write so that
 * no failover loses it.
 */
import { Redis, type RedisOptions, SentinelConnector } from "ioredis";

/** A Sentinel that is frozen is left for the next one after this time. */
const ANSWER_MS = 2000;
/** How soon a Sentinel that was away is listened to again. */
const RECONNECT_MS = 5000;

/**
 * ioredis listens for announcements over connections whose errors nobody handles, and prints each with its stack. A
 * Sentinel that is away is no fault as long as another one answers.
 */
class GroupConnector extends SentinelConnector {
  /** The primary that a Sentinel named for the newest connection. */
  primary: string | null = null;

  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    const connect: (...args: unknown[]) => Redis = Reflect.get(this, "connectToSentinel");
    Reflect.set(this, "connectToSentinel", (...args: unknown[]) => connect.apply(this, args).on("error", () => {}));
    const resolve: (...args: unknown[]) => Promise<Found> = Reflect.get(this, "resolve");
    Reflect.set(this, "resolve", async (...args: unknown[]) => {
      const found = await resolve.apply(this, args);
      this.primary = found === null ? null : `${found.host}:${found.port}`;
      return found;
    });
  }
}

type Found = { host: string; port: number } | null;

export const SENTINEL_OPTIONS = {
  Connector: GroupConnector,
  sentinelCommandTimeout: ANSWER_MS,
  sentinelReconnectStrategy: () => RECONNECT_MS,
  // Sentinels announce a failover: the connection is replaced at once, also when the earlier primary hangs.
  failoverDetector: true,
};

/** A Sentinel that does not answer a question in this time has no say until it answers again. */
const QUESTION_MS = 500;

export interface SentinelGroup {
  /**
   * How many replicas must have what the primary of this connection wrote before now, so that the Sentinels can promote
   * none without it. Null: they may have promoted one already, or too few of them answer.
   */
  neededReplicas(): Promise<number | null>;
}

/**
 * Null for a connection that knows no Sentinels.
 *
 * Why this is enough: to promote a replica, a Sentinel needs the votes of most Sentinels, and it picks a replica that it
 * sees alive. While it does, it names the old primary and lists the picked replica as alive, so that replica is counted
 * here; but it no longer follows the old primary, so a wait for the counted number fails. As soon as the Sentinel sees
 * the promotion, it names the new primary. A frozen primary that runs again is caught by this, although its other
 * replicas still follow it.
 */
export function openSentinelGroup(redis: Redis): SentinelGroup | null {
  const { options } = redis;
  if (!options.sentinels) return null;
  const sentinels = options.sentinels.map((address) => connectSentinel(options, address));
  redis.once("end", () => {
    for (const sentinel of sentinels) sentinel.disconnect();
  });
  const connector = Reflect.get(redis, "connector") as GroupConnector;

  async function neededReplicas(): Promise<number | null> {
    const { primary } = connector;
    const [following, answers] = await Promise.all([
      readFollowing(redis),
      Promise.all(sentinels.map((sentinel) => readOpinion(sentinel, options.name ?? "").catch(() => null))),
    ]);
    const opinions = answers.filter((answer) => answer !== null);
    const isMajority = 2 * opinions.length > sentinels.length;
    if (!isMajority || opinions.some((opinion) => opinion.primary !== primary)) return null;
    return countNeeded(opinions, following, opinions.length === sentinels.length);
  }
  return { neededReplicas };
}

function connectSentinel(options: RedisOptions, { host, port }: { host?: string; port?: number }): Redis {
  const sentinel = new Redis({
    ...{ host: host ?? "127.0.0.1", port: port ?? 26_379 },
    ...(options.sentinelUsername && { username: options.sentinelUsername }),
    ...(options.sentinelPassword && { password: options.sentinelPassword }),
    ...(options.sentinelTLS && { tls: options.sentinelTLS }),
    ...{ connectTimeout: ANSWER_MS, commandTimeout: QUESTION_MS, socketTimeout: ANSWER_MS },
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 1000 },
  });
  return sentinel.on("error", () => {});
}

interface Replica {
  address: string;
  isDown: boolean;
  mayBePromoted: boolean;
  /** As far as the Sentinel knows, which asks each server every ten seconds, or every second during a failover. */
  isFollowing: boolean;
}

interface Opinion {
  primary: string;
  replicas: Replica[];
}

async function readOpinion(sentinel: Redis, name: string): Promise<Opinion> {
  const [address, listed] = (await Promise.all([
    sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
    sentinel.call("SENTINEL", "REPLICAS", name),
  ])) as [string[] | null, unknown[]];
  return { primary: (address ?? []).join(":"), replicas: listed.map(replicaOf) };
}

function replicaOf(listed: unknown): Replica {
  const fields = fieldsOf(listed);
  const isDown = /[so]_down/.test(fields.get("flags") ?? "");
  return {
    address: `${fields.get("ip")}:${fields.get("port")}`,
    isDown,
    mayBePromoted: !isDown && fields.get("slave-priority") !== "0",
    isFollowing: fields.get("role-reported") === "slave" && fields.get("master-link-status") === "ok",
  };
}

/** RESP2 has names and values in one list, RESP3 has a map. */
function fieldsOf(listed: unknown): Map<string, string> {
  if (!Array.isArray(listed)) return new Map(Object.entries(listed as Record<string, string>));
  return new Map(listed.flatMap((name, index) => (index % 2 === 0 ? [[String(name), String(listed[index + 1])]] : [])));
}

/** The replicas that get the primary's writes now. */
async function readFollowing(redis: Redis): Promise<string[]> {
  const [, , replicas] = (await redis.role()) as [string, number, string[][]];
  return replicas.map(([ip, port]) => `${ip}:${port}`);
}

/**
 * While some Sentinels do not answer, one of them may be promoting a replica. So every replica counts then that is not
 * down; otherwise only those that follow the primary, as the Sentinels or the primary see it.
 */
function countNeeded(opinions: Opinion[], following: string[], doAllAnswer: boolean): number {
  const listed = opinions.flatMap(({ replicas }) => replicas);
  const counted = listed.filter(({ mayBePromoted, isFollowing }) => mayBePromoted && (isFollowing || !doAllAnswer));
  const alive = new Set(listed.filter(({ isDown }) => !isDown).map(({ address }) => address));
  const known = new Set(listed.map(({ address }) => address));
  const needed = new Set([
    ...counted.map(({ address }) => address),
    ...following.filter((address) => alive.has(address) || !known.has(address)),
  ]);
  return needed.size;
}
