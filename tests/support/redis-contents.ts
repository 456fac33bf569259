/** Everything that Redis holds, of all nodes when it is a cluster. */
import { primariesOf, type Redis } from "@visgate/shared/store";

/** The names of all keys that begin with `prefix`, and what each holds as JSON. */
export async function contentsOf(redis: Redis, prefix = ""): Promise<Map<string, string>> {
  const names = (await Promise.all(primariesOf(redis).map((node) => node.keys(`${prefix}*`)))).flat();
  const contents = await Promise.all(names.map(async (name) => JSON.stringify(await read(redis, name))));
  return new Map(names.map((name, index) => [name, contents[index] ?? ""]));
}

/** By type, since Redis compresses what DUMP returns. */
async function read(redis: Redis, name: string): Promise<unknown> {
  const type = await redis.type(name);
  if (type === "hash") return redis.hgetall(name);
  if (type === "zset") return redis.zrange(name, "0", "-1", "WITHSCORES");
  if (type === "list") return redis.lrange(name, 0, -1);
  if (type === "set") return redis.smembers(name);
  if (type === "stream") return redis.xrange(name, "-", "+");
  return type === "string" ? redis.get(name) : null;
}
