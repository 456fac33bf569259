/**
 * The rights (ACL) that the programs need in Redis. Redis 7 and Valkey tell in a script whether its user may run a
 * command, without running it. An older Redis tells only when it refuses a command.
 */
import type { Redis } from "ioredis";
import { clusterOf } from "./cluster.js";
import { unlessDenied } from "./safety.js";

const words = (text: string): string[] => text.split(" ");

/** Of our scripts, of BullMQ's, and outside scripts. */
const ON_KEYS = words(
  "BLPOP BZPOPMIN DEL EXISTS EXPIRE GET HDEL HEXISTS HGET HGETALL HINCRBY HLEN HMGET HMSET HSET HSETNX HVALS INCR LINDEX " +
    "LLEN LPOP LPOS LPUSH LRANGE LREM LTRIM MGET PERSIST PEXPIRE PTTL RENAME RPOP RPOPLPUSH RPUSH SADD SCARD SET SMEMBERS " +
    "SREM XADD XRANGE XTRIM ZADD ZCARD ZCOUNT ZPOPMIN ZRANGE ZRANGEBYSCORE ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE " +
    "ZREVRANGE ZREVRANGEBYSCORE ZSCORE",
);
const ON_CHANNELS = words("PUBLISH SUBSCRIBE UNSUBSCRIBE");
const ON_SHARD_CHANNELS = words("SPUBLISH SSUBSCRIBE SUNSUBSCRIBE");
export const isMessage = (command: string): boolean => [...ON_CHANNELS, ...ON_SHARD_CHANNELS].includes(command);
const PLAIN = words("EVAL EVALSHA EXEC INFO MULTI PING TIME");
const FOR_REPLICAS = words("ROLE WAIT");
const FOR_DISKS = words("WAITAOF");

export interface Needs {
  /** Of all keys and channels. */
  prefix: string;
  /** ACCEPT_REPLICAS. Default: 0. */
  acceptReplicas?: number;
  /** ACCEPT_REPLICAS_ON_DISK. Default: false. */
  acceptOnDisk?: boolean;
  /** Default: false. */
  isCluster?: boolean;
}

const channelCommands = ({ isCluster = false }: Needs) => (isCluster ? ON_SHARD_CHANNELS : ON_CHANNELS);

const plainCommands = ({ acceptReplicas = 0, acceptOnDisk = false }: Needs) => [
  ...PLAIN,
  ...(acceptReplicas > 0 ? FOR_REPLICAS : []),
  ...(acceptOnDisk ? FOR_DISKS : []),
];

export interface MissingRight {
  /** The command that Redis refuses to this user. */
  command: string;
  /** The keys or channels on which it is refused, as an ACL pattern; null for a command without any. */
  on: string | null;
}

/** Our keys, and those of BullMQ's queues. */
const keyPatterns = (prefix: string) => [`~${prefix}:*`, `~{${prefix}-*`];
const channelPattern = (prefix: string) => `&${prefix}:*`;

/** The rules of `ACL SETUSER` that are enough for the API and the worker. */
export function aclRules(needs: Needs): string[] {
  const { prefix } = needs;
  const commands = [...ON_KEYS, ...channelCommands(needs), ...plainCommands(needs)].map(
    (command) => `+${command.toLowerCase()}`,
  );
  return [...keyPatterns(prefix), channelPattern(prefix), ...commands];
}

/** `args`: as many as Redis needs to find the keys of the command, which may be one or two. */
type Check = MissingRight & { args: string[] };

function checksOf(needs: Needs): Check[] {
  const { prefix } = needs;
  const onKeys = (pattern: string) => {
    const key = `${pattern.slice(1, -1)}probe}`;
    return ON_KEYS.map((command) => ({ command, on: pattern, args: [key, key] }));
  };
  const on = channelPattern(prefix);
  return [
    ...keyPatterns(prefix).flatMap(onKeys),
    ...channelCommands(needs).map((command) => ({ command, on, args: [`${prefix}:probe`] })),
    ...plainCommands(needs).map((command) => ({ command, on: null, args: ["", "0"] })),
  ];
}

/** Returns the numbers of the refused checks. A command that this Redis does not know is not a missing right. */
const ASK = `
if not redis.acl_check_cmd then return {} end
local refused = {}
for number, check in ipairs(cjson.decode(ARGV[1])) do
  local known, allowed = pcall(redis.acl_check_cmd, check.command, unpack(check.args))
  if known and not allowed then refused[#refused + 1] = number end
end
return refused`;

/** What the user of this connection may not do although the programs need it. Rejects while Redis is away. */
export async function findMissingRights(redis: Redis, needs: Needs): Promise<MissingRight[]> {
  const checks = checksOf({ ...needs, isCluster: clusterOf(redis) !== null });
  const refused = await unlessDenied(() => redis.eval(ASK, 0, JSON.stringify(checks)) as Promise<number[]>);
  if (refused === null) return [{ command: "EVAL", on: null }];
  return refused.flatMap((number) => checks[number - 1] ?? []).map(({ command, on }) => ({ command, on }));
}

const MAX_NAMED = 5;

/** One line: what is refused, and the rules that allow it. */
export function missingRightsLine(missing: readonly MissingRight[], user: string): string {
  const commands = [...new Set(missing.map(({ command }) => command))];
  const named =
    commands.length > MAX_NAMED ? `${commands.length} commands, such as ${commands[0]},` : commands.join(", ");
  const patterns = [...new Set(missing.flatMap(({ on }) => on?.slice(1) ?? []))];
  const where = patterns.length === 0 ? "" : ` on ${patterns.join(" and ")}`;
  return `Redis refuses ${named}${where} to this user. Allow it: ACL SETUSER ${user} ${rulesFor(missing).join(" ")}`;
}

/** When every command is refused on some keys only, the user lacks these keys and not the commands. */
function rulesFor(missing: readonly MissingRight[]): string[] {
  const refusedOn = (on: string) => missing.filter((right) => right.on === on).map(({ command }) => command);
  const lacksKeys = (on: string) => ON_KEYS.every((command) => refusedOn(on).includes(command));
  const isAllowedSomewhere = (command: string) => missing.filter((right) => right.command === command).length < 2;
  const rules = missing.flatMap(({ command, on }) => {
    const rule = `+${command.toLowerCase()}`;
    if (on?.startsWith("&")) return [on, rule];
    if (on === null || !lacksKeys(on)) return [rule];
    return isAllowedSomewhere(command) ? [on] : [on, rule];
  });
  return [...new Set(rules)];
}
