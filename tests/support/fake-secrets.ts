/** Secrets that a test recognizes wherever they turn up, and the places in which it looks for them. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { primariesOf, type Redis } from "@visgate/shared/store";

export interface FakeSecret {
  name: string;
  text: string;
}

/** Random in the middle, by which it is recognized: its beginning and its end may be shown. */
export const fakeSecret = (name: string, prefix = "key-"): FakeSecret => ({
  name,
  text: `${prefix}${randomBytes(16).toString("hex")}-end!`,
});

const HIDDEN_LENGTH = 20;
/** Even a part of a secret is a find. */
const hiddenPart = ({ text }: FakeSecret) => text.slice(-HIDDEN_LENGTH - 5, -5);

export interface Place {
  place: string;
  content: string | Buffer;
}

/** The names of the secrets in each place; empty when there are none. */
export function findSecrets(secrets: readonly FakeSecret[], places: readonly Place[]): string[] {
  return places.flatMap(({ place, content }) =>
    secrets.filter((secret) => content.includes(hiddenPart(secret))).map(({ name }) => `${name} in ${place}`),
  );
}

/** Everything in Redis, read by type: Redis compresses what DUMP returns. */
export async function contentsOfRedis(redis: Redis): Promise<Place[]> {
  const names = (await Promise.all(primariesOf(redis).map((node) => node.keys("*")))).flat();
  return Promise.all(
    names.map(async (name) => ({ place: `Redis ${name}`, content: JSON.stringify([name, await read(redis, name)]) })),
  );
}

async function read(redis: Redis, name: string): Promise<unknown> {
  const type = await redis.type(name);
  if (type === "hash") return redis.hgetall(name);
  if (type === "zset") return redis.zrange(name, "0", "-1", "WITHSCORES");
  if (type === "list") return redis.lrange(name, 0, -1);
  if (type === "set") return redis.smembers(name);
  if (type === "stream") return redis.xrange(name, "-", "+");
  return type === "string" ? redis.get(name) : null;
}

/** Every file below the folder: logs, the append-only file of Redis, what the simulator keeps. */
export function contentsOfFolder(folder: string, isExcepted: (name: string) => boolean): Place[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !isExcepted(name) && statSync(join(folder, name)).isFile())
    .map((name) => ({ place: name, content: readFileSync(join(folder, name)) }));
}
