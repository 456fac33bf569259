/** Waits until replicas have a write, so that a failover to one of them does not lose it. */
import type { Cluster, Redis } from "ioredis";
import { clusterOf, nodeOf } from "./cluster.js";
import { type Confirm, createConfirm } from "./confirmations.js";
import { changedNothing } from "./connect.js";
import { openSentinelGroup, type SentinelGroup } from "./sentinel-group.js";
import { slotOf } from "./slot.js";

/** A failover may lose what was written or read. */
export class NotReplicatedError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`Not replicated: ${why}.`, options);
    this.name = "NotReplicatedError";
  }
}

/** The connection was replaced, perhaps by one to a server that does not have the write. */
export class ConnectionReplacedError extends Error {
  override name = "ConnectionReplacedError";

  constructor() {
    super("The connection to Redis was replaced.");
  }
}

/** A connection to one server, until it is replaced: a new one may lead to another server. */
export interface Connection {
  number: number;
  /** Of a cluster. */
  node?: Redis;
}

export interface Replicas {
  /** The connection over which this key is read and written. */
  connection(key: string): Connection;
  /**
   * Resolves with true when enough replicas have everything that was written or read over this connection; with false
   * when it was replaced. Rejects with NotReplicatedError.
   */
  haveAllOf(connection: Connection): Promise<boolean>;
  close(): void;
}

export const NO_REPLICAS: Replicas = {
  connection: () => ({ number: 0 }),
  haveAllOf: () => Promise.resolve(true),
  close() {},
};

export interface ReplicaOptions {
  /** Whether the primary and the replicas must have it on disk (WAITAOF). Default: false. */
  onDisk?: boolean;
}

/**
 * `count`: at least how many replicas. With Sentinels it is every replica that they would promote, and the primary must
 * still be theirs.
 */
export function createReplicas(redis: Redis, count: number, { onDisk = false }: ReplicaOptions = {}): Replicas {
  if (count === 0) return NO_REPLICAS;
  const cluster = clusterOf(redis);
  if (cluster !== null) return createClusterReplicas(cluster, count, onDisk);
  const confirm = createConfirm(redis, { onDisk, serves: () => true });
  return replicasOfServer(redis, { count, confirm, unit: unitOf(onDisk) });
}

interface ServerOptions {
  count: number;
  confirm: Confirm;
  /** What was counted, for errors. */
  unit: string;
}

const unitOf = (onDisk: boolean) => (onDisk ? "replicas have it on disk" : "replicas have it");

function replicasOfServer(redis: Redis, options: ServerOptions): Replicas {
  const group = openSentinelGroup(redis);
  let connection = 0;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  redis.on("close", () => {
    connection += 1;
  });

  const check = () => (group === null ? waitFor(options) : waitInGroup(options, group));

  function begin(): Promise<void> {
    running = check().finally(() => {
      running = null;
    });
    return running;
  }

  /** Callers that ask during a check share the next one: the current one may have begun before their write. */
  function haveAll(): Promise<void> {
    if (running === null) return begin();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return running ?? begin();
      });
    return next;
  }

  return {
    connection: () => ({ number: connection }),
    close: () => group?.close(),
    async haveAllOf({ number: given }) {
      try {
        if (given === connection) await haveAll();
        return given === connection;
      } catch (cause) {
        if (given !== connection) return false;
        if (cause instanceof NotReplicatedError || cannotWait(cause)) throw cause;
        // Not the error of the connection, which may say that nothing was written.
        throw new NotReplicatedError("Redis did not answer", { cause });
      }
    },
  };
}

/** Each node has its own replicas. */
function createClusterReplicas(cluster: Cluster, count: number, onDisk: boolean): Replicas {
  const ofNodes = new WeakMap<Redis, Replicas>();
  function create(node: Redis): Replicas {
    const confirm = createConfirm(node, { onDisk, serves: (key) => nodeOf(cluster, slotOf(key)) === node });
    return replicasOfServer(node, { count, confirm, unit: unitOf(onDisk) });
  }
  function replicasOf(node: Redis): Replicas {
    const known = ofNodes.get(node) ?? create(node);
    ofNodes.set(node, known);
    return known;
  }
  return {
    connection(key) {
      const node = nodeOf(cluster, slotOf(key));
      return node === null ? { number: 0 } : { ...replicasOf(node).connection(key), node };
    },
    close() {},
    // While a cluster finds out who serves a slot, no node is known.
    haveAllOf: async (given) => given.node !== undefined && replicasOf(given.node).haveAllOf(given),
  };
}

async function waitFor({ count: needed, confirm, unit }: ServerOptions): Promise<void> {
  const reached = await confirm(needed);
  if (reached < needed) throw new NotReplicatedError(`${reached} ${unit}, not ${needed}`);
}

async function waitInGroup({ count, confirm, unit }: ServerOptions, group: SentinelGroup): Promise<void> {
  const followers = await group.followers();
  if (followers === null) throw new NotReplicatedError("this server is not the primary");
  const reached = await confirm(Math.max(count, followers.length));
  const needed = await group.neededReplicas(followers);
  if (needed === null) throw new NotReplicatedError("the Sentinels may have replaced the primary");
  if (reached < Math.max(count, needed)) throw new NotReplicatedError(`${reached} ${unit}, not ${needed}`);
}

/** Redis never waits for this user, or with these settings. This must not look as if the write itself was refused. */
const cannotWait = (error: unknown) =>
  error instanceof Error &&
  /^NOPERM|unknown command|WAITAOF cannot be used when/.test(error.message) &&
  !changedNothing(error);

/** Wraps what reads something of this key, or of one in its slot, that a caller is shown. */
export type Reading = <T>(key: string, read: () => Promise<T>) => Promise<T>;

/** Runs a command; a worker's waits as long as Redis refuses it (`Gate.untilTaken`). */
export type UntilTaken = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * Runs what reads or writes, and resolves when no failover can lose what it saw or wrote. When the connection is
 * replaced meanwhile, a worker runs it again; without `untilTaken` this is a ConnectionReplacedError.
 */
export async function replicated<T>(
  replicas: Replicas,
  key: string,
  run: () => Promise<T>,
  untilTaken?: UntilTaken,
): Promise<T> {
  const taken: UntilTaken = untilTaken ?? ((command) => command());
  for (;;) {
    const connection = replicas.connection(key);
    const result = await taken(run);
    // The slot may have moved to another node before the command ran.
    const isSame = replicas.connection(key).node === connection.node;
    if (isSame && (await taken(() => replicas.haveAllOf(connection)))) return result;
    if (untilTaken === undefined) throw new ConnectionReplacedError();
  }
}

/** Of the API: a read can be repeated, so nobody is refused because a slot has moved to another node. */
export async function replicatedRead<T>(replicas: Replicas, key: string, read: () => Promise<T>): Promise<T> {
  try {
    return await replicated(replicas, key, read);
  } catch (error) {
    if (!(error instanceof ConnectionReplacedError)) throw error;
    return replicated(replicas, key, read);
  }
}
