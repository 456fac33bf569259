/** What a 202 means with this Redis: its durability settings and how full it is. */
import type { Redis } from "ioredis";
import { askPrimaries } from "./cluster.js";
import { NO_WAITAOF } from "./fault.js";

export interface RedisSettings {
  appendOnly: string;
  appendFsync: string;
  evictionPolicy: string;
}
export interface SafetyVerdict {
  safe: boolean;
  message: string;
  /** Nothing could be accepted, so there is no use in starting anyway. */
  isUseless?: boolean;
}

export interface SafetyNeeds {
  /** ACCEPT_REPLICAS_ON_DISK. Default: false. */
  onDisk?: boolean;
}

/** What a 202 means with this Redis. Rejects while it is away. */
export async function readVerdict(redis: Redis, needs: SafetyNeeds = {}): Promise<SafetyVerdict> {
  const isKnown = !needs.onDisk || (await askPrimaries(redis, knowsWaitAof)).every(Boolean);
  return isKnown ? judge(await readSettings(redis), needs) : { safe: false, message: NO_WAITAOF, isUseless: true };
}

/** Waits for nothing. A user without the right for it is told so elsewhere (rights.ts). */
async function knowsWaitAof(node: Redis): Promise<boolean> {
  try {
    await node.call("WAITAOF", 0, 0, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && /unknown command/i.test(error.message));
  }
}

/** Null when the server does not show its settings, as some managed servers. Of a cluster: those of its weakest node. */
export async function readSettings(redis: Redis): Promise<RedisSettings | null> {
  const [first, ...others] = await askPrimaries(redis, readSettingsOf);
  return others.reduce<RedisSettings | null>((weakest, one) => weaker(weakest, one), first ?? null);
}

function readSettingsOf(node: Redis): Promise<RedisSettings | null> {
  const read = async (name: string) => String(((await node.config("GET", name)) as string[])[1]);
  return unlessDenied(async () => ({
    appendOnly: await read("appendonly"),
    appendFsync: await read("appendfsync"),
    evictionPolicy: await read("maxmemory-policy"),
  }));
}

const FSYNCS = ["no", "everysec", "always"];

function weaker(one: RedisSettings | null, other: RedisSettings | null): RedisSettings | null {
  if (one === null || other === null) return one ?? other;
  const isLess = FSYNCS.indexOf(other.appendFsync) < FSYNCS.indexOf(one.appendFsync);
  return {
    appendOnly: one.appendOnly === "yes" ? other.appendOnly : one.appendOnly,
    appendFsync: isLess ? other.appendFsync : one.appendFsync,
    evictionPolicy: one.evictionPolicy === "noeviction" ? other.evictionPolicy : one.evictionPolicy,
  };
}

/** Null when the server does not have the command or does not allow it. */
export async function unlessDenied<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && /unknown command|NOPERM|not allowed/i.test(error.message)) return null;
    throw error;
  }
}

export function judge(settings: RedisSettings | null, { onDisk = false }: SafetyNeeds = {}): SafetyVerdict {
  if (settings === null)
    return {
      safe: true,
      message: "Redis does not show its settings; check that it keeps an append-only file and never evicts.",
    };
  if (settings.evictionPolicy !== "noeviction") {
    return {
      safe: false,
      message: `Redis may evict requests (maxmemory-policy ${settings.evictionPolicy}); set it to noeviction.`,
    };
  }
  if (settings.appendOnly !== "yes") {
    return {
      safe: false,
      message: "Redis keeps no append-only file, so a crash loses accepted requests; set appendonly yes.",
    };
  }
  // With everysec, Redis 7.4 and Valkey 9.1 answer WAITAOF up to a second before the fsync (redis/redis#13793); others
  // wait for it longer than a call may take.
  if (onDisk && settings.appendFsync !== "always") {
    return {
      safe: false,
      message: `With appendfsync ${settings.appendFsync}, Redis may say that a write is on disk before it is (ACCEPT_REPLICAS_ON_DISK); set appendfsync always on the primary and on its replicas.`,
    };
  }
  return {
    safe: true,
    message: `A 202 means: ${MEANING[settings.appendFsync] ?? `appendfsync ${settings.appendFsync}`}`,
  };
}

const MEANING: Record<string, string> = {
  always: "on disk before it was answered (appendfsync always).",
  everysec: "in the append-only file; a power cut may lose about the last second (appendfsync everysec).",
  no: "handed to the operating system; a power cut may lose it (appendfsync no).",
};

/** The share of maxmemory that is in use; 0 when there is no limit. Of a cluster: that of its fullest node. */
export async function memoryShare(redis: Redis): Promise<number> {
  return Math.max(0, ...(await askPrimaries(redis, memoryShareOf)));
}

async function memoryShareOf(node: Redis): Promise<number> {
  const info = await node.info("memory");
  const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  const limit = read("maxmemory");
  return limit === 0 ? 0 : read("used_memory") / limit;
}
