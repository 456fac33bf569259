/** Which replicas must have a write, in a group that a Sentinel watches, so that no failover loses it. */
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Group, type Member, startGroup } from "../../../../../tests/support/redis-failover.js";
import { until } from "../../../../../tests/support/until.js";
import { connectFailFast } from "./connect.js";
import { createReplicas, NotReplicatedError, type Replicas } from "./replicas.js";

let group: Group;
let redis: Redis;
let replicas: Replicas;
const stop = (member: Member) => process.kill(member.server.pid, "SIGSTOP");
const go = (member: Member) => process.kill(member.server.pid, "SIGCONT");

beforeEach(async () => {
  group = await startGroup();
  redis = connectFailFast(group.url);
  redis.on("error", () => {});
  await new Promise((resolve) => redis.once("ready", resolve));
  replicas = createReplicas(redis, 1);
  await until("the Sentinels to be asked", isReplicated);
});
afterEach(async () => {
  for (const member of [group.primary, ...group.replicas]) go(member);
  redis.disconnect();
  await group.stop();
});

async function isReplicated(): Promise<boolean> {
  try {
    return await replicas.haveAllOf(replicas.era());
  } catch (error) {
    if (error instanceof NotReplicatedError) return false;
    throw error;
  }
}

/** Resolves with what the group has confirmed of a write. */
async function write(): Promise<boolean> {
  await redis.set("written", Date.now());
  return isReplicated();
}

test("both replicas follow: both have the write when the wait ends", async () => {
  const readers = group.replicas.map(({ server }) => new Redis(server.url));
  for (let n = 0; n < 20; n += 1) {
    await redis.set("written", n);
    expect(await isReplicated()).toBe(true);
    expect(await Promise.all(readers.map((reader) => reader.get("written")))).toEqual([String(n), String(n)]);
  }
  for (const reader of readers) reader.disconnect();
});

test("the primary hangs, is replaced, and runs again before the Sentinel says so: what counted is kept", async () => {
  stop(group.primary);
  const promoted = await until("the promotion", async () => {
    const roles = await Promise.all(group.replicas.map(({ admin }) => admin.role()));
    return group.replicas.find((_, index) => roles[index]?.[0] === "master");
  });
  go(group.primary);
  const counted: string[] = [];
  await until("a write that counts at the new primary", async () => {
    const key = `written:${performance.now()}`;
    await redis.set(key, "").catch(() => {});
    if (!(await isReplicated())) return false;
    counted.push(key);
    return (await promoted.admin.exists(key)) === 1;
  });
  expect(await promoted.admin.exists(...counted)).toBe(counted.length);
});

test("a replica hangs: nothing is confirmed until the Sentinel sees that it is down, then without it", async () => {
  const [hanging] = group.replicas;
  stop(hanging);
  expect(await write()).toBe(false);
  await until("a write without the replica", write);
  go(hanging);
  await until("the replica to count again", async () => {
    await write();
    return (await hanging.admin.get("written")) === (await redis.get("written"));
  });
});

test("no Sentinel answers: nothing is confirmed, since one may be promoting a replica", async () => {
  group.sentinel.stopAnswering();
  expect(await write()).toBe(false);
  group.sentinel.answerAgain();
  await until("a write", write);
});

test("the primary hangs and is replaced: writes are confirmed again at the new one", async () => {
  stop(group.primary);
  await until("a write to the new primary", () => write().catch(() => false));
  go(group.primary);
  const [one, other] = await Promise.all(group.replicas.map(({ admin }) => admin.get("written")));
  expect(await redis.get("written")).toBe(one);
  expect(other).toBe(one);
});
