/** What counts as written with ACCEPT_REPLICAS_ON_DISK, and what a server does that counts as Redis 7.2 and later do. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { RedisCluster } from "../../../../../scripts/lib/stack/redis-cluster.mjs";
import { startTestCluster } from "../../../../../tests/support/redis-cluster.js";
import { type Group, type Pair, startGroup, startPair } from "../../../../../tests/support/redis-failover.js";
import { until } from "../../../../../tests/support/until.js";
import { findValkey } from "../../../../../tests/support/valkey.js";
import { createKeys } from "../keys.js";
import { nodeOf } from "./cluster.js";
import { connectFailFast, untilReady } from "./connect.js";
import { faultOf } from "./fault.js";
import { createReplicas, NotReplicatedError, type Replicas } from "./replicas.js";
import { aclRules, findMissingRights } from "./rights.js";
import { readVerdict } from "./safety.js";
import { slotOf } from "./slot.js";

const KEY = "written";
const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
/** Sets it until the end of the test. */
async function configure(server: Redis, name: string, value: string, usual: string): Promise<void> {
  await server.config("SET", name, value);
  onTestFinished(async () => void (await server.config("SET", name, usual)));
}

describe("a primary with a replica", () => {
  let pair: Pair;
  let redis: Redis;
  let inMemory: Replicas;
  let onDisk: Replicas;
  let [primary, replica]: Redis[] = [];
  beforeAll(async () => {
    pair = await startPair(await findValkey());
    [primary, replica] = [new Redis(pair.primary.url), new Redis(pair.replica.url)];
  });
  afterAll(async () => {
    for (const admin of [primary, replica]) admin?.disconnect();
    await pair.stop();
  });
  beforeEach(() => {
    redis = new Redis(pair.primary.url);
    [inMemory, onDisk] = [createReplicas(redis, 1), createReplicas(redis, 1, { onDisk: true })];
    return () => redis.disconnect();
  });
  const admins = () => {
    if (primary === undefined || replica === undefined) throw new Error("not started");
    return { primary, replica };
  };
  const haveAllOf = (replicas: Replicas) => replicas.haveAllOf(replicas.connection(KEY));
  async function write(): Promise<boolean> {
    await redis.set(KEY, performance.now());
    return haveAllOf(onDisk);
  }

  test("both have it on disk: it counts, a hundred times in a row", async () => {
    for (let n = 0; n < 100; n += 1) expect(await write()).toBe(true);
  });

  test.each([
    { what: "keeps no append-only file", setting: ["appendonly", "no", "yes"] },
    { what: "does not sync its append-only file", setting: ["appendfsync", "no", "always"] },
  ] as const)(
    "the replica $what: the write does not count until it does",
    async ({ setting: [name, value, usual] }) => {
      await configure(admins().replica, name, value, usual);
      const error = await rejection(write());
      expect(error).toBeInstanceOf(NotReplicatedError);
      expect(faultOf(error)).toMatchObject({ kind: "refuses", message: expect.stringContaining("_ON_DISK") });
      expect(await haveAllOf(inMemory), "in memory").toBe(true);
      await admins().replica.config("SET", name, usual);
      await until("the next one to count", () => write().catch(() => false));
    },
  );

  test("the primary does not sync its append-only file: the write does not count", async () => {
    await configure(admins().primary, "appendfsync", "no", "always");
    expect(await rejection(write())).toBeInstanceOf(NotReplicatedError);
  });

  test("the primary keeps no append-only file: the error says so", async () => {
    await configure(admins().primary, "appendonly", "no", "yes");
    expect(faultOf(await rejection(write()))?.message).toContain("keeps no append-only file");
  });

  test("a user that may not wait for disks: the right is reported as missing, and writes do not count", async () => {
    const needs = { prefix: createKeys().prefix, acceptReplicas: 1, acceptOnDisk: true };
    const allow = (rules: string[]) =>
      admins().primary.call("ACL", "SETUSER", "gateway", "on", ">secret", "resetkeys", "-@all", ...rules);
    await allow(aclRules(needs).filter((rule) => rule !== "+waitaof"));
    const limited = new Redis(pair.primary.url.replace("//:test-password", "//gateway:secret"));
    onTestFinished(() => limited.disconnect());
    expect(await findMissingRights(limited, needs)).toEqual([{ command: "WAITAOF", on: null }]);
    const replicas = createReplicas(limited, 1, { onDisk: true });
    expect(faultOf(await rejection(haveAllOf(replicas)))?.message).toContain("lacks a right");
    await allow(aclRules(needs));
    expect(await findMissingRights(limited, needs)).toEqual([]);
    expect(await haveAllOf(replicas)).toBe(true);
  });

  test("verdict: only with appendfsync always can the disk be relied on", async () => {
    expect(await readVerdict(redis, { onDisk: true })).toMatchObject({ safe: true });
    await configure(admins().primary, "appendfsync", "everysec", "always");
    expect(await readVerdict(redis)).toMatchObject({ safe: true });
    expect(await readVerdict(redis, { onDisk: true })).toMatchObject({
      ...{ safe: false, message: expect.stringContaining("set appendfsync always") },
    });
  });

  describe("what another connection wrote", () => {
    beforeEach(() => {
      process.kill(pair.replica.pid, "SIGSTOP");
      return () => void process.kill(pair.replica.pid, "SIGCONT");
    });

    test.each(["in memory", "on disk"])("a reader waits until the replica has it %s", async (where) => {
      await admins().primary.set(KEY, "of another connection");
      expect(await redis.get(KEY)).toBe("of another connection");
      const replicas = where === "on disk" ? onDisk : inMemory;
      expect(await rejection(haveAllOf(replicas))).toBeInstanceOf(NotReplicatedError);
      process.kill(pair.replica.pid, "SIGCONT");
      await until("the replica", () => haveAllOf(replicas).catch(() => false));
    });
  });

  test("Redis is full: what is read counts nevertheless", async () => {
    await haveAllOf(inMemory);
    await configure(admins().primary, "maxmemory", "1", "0");
    await expect(redis.set(KEY, "more")).rejects.toThrow("OOM");
    expect(await haveAllOf(inMemory)).toBe(true);
  });
});

describe("a primary with two replicas and a Sentinel", () => {
  let group: Group;
  let redis: Redis;
  let replicas: Replicas;
  beforeAll(async () => {
    group = await startGroup(500, await findValkey());
    redis = connectFailFast(group.url).on("error", () => {});
    await untilReady(redis);
    replicas = createReplicas(redis, 1, { onDisk: true });
  });
  afterAll(async () => {
    replicas.close();
    redis.disconnect();
    await group.stop();
  });
  const counts = () => replicas.haveAllOf(replicas.connection(KEY)).catch(() => false);

  test("every replica must have it on disk that could be promoted", async () => {
    await until("the Sentinel to be asked", counts);
    await configure(group.replicas[1].admin, "appendonly", "no", "yes");
    await redis.set(KEY, "on one disk only");
    expect(await rejection(replicas.haveAllOf(replicas.connection(KEY)))).toMatchObject({
      message: expect.stringContaining("1 replicas have it on disk, not 2"),
    });
  });
});

describe("a cluster", () => {
  const keys = createKeys();
  let cluster: RedisCluster;
  let redis: Redis;
  let dir = "";
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "visgate-on-disk-"));
    cluster = await startTestCluster(dir, { redisServer: await findValkey() });
    redis = connectFailFast(cluster.url).on("error", () => {});
    await untilReady(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await cluster.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const written = async (replicas: Replicas, key: string) => {
    await redis.set(key, performance.now());
    return replicas.haveAllOf(replicas.connection(key));
  };

  test("the replica of its own node must have it on disk", async () => {
    const replicas = createReplicas(redis, 1, { onDisk: true });
    const [key = "", elsewhere = ""] = await keysOfTwoNodes();
    expect(await written(replicas, key)).toBe(true);
    const follower = await cluster.replicaOf(await cluster.primaryOf(key));
    await follower.command("CONFIG", "SET", "appendonly", "no");
    onTestFinished(async () => void (await follower.command("CONFIG", "SET", "appendonly", "yes")));
    const [own, other] = await Promise.all([rejection(written(replicas, key)), written(replicas, elsewhere)]);
    expect([own, other]).toEqual([expect.any(NotReplicatedError), true]);
  });

  async function keysOfTwoNodes(): Promise<string[]> {
    const candidates = Array.from({ length: 20 }, (_, n) => keys.probeOf(n));
    const nodes = await Promise.all(candidates.map((key) => cluster.primaryOf(key)));
    return [candidates[0] ?? "", candidates[nodes.findIndex((node) => node !== nodes[0])] ?? ""];
  }

  test("the slot of the mark moves to another node: writes to other slots still count", async () => {
    const replicas = createReplicas(redis, 1);
    const marks = Array.from({ length: 20 }, (_, n) => keys.mark(n));
    const [marked = ""] = marks;
    const node = nodeOf(redis as never, slotOf(marked));
    const other = marks.find((key, n) => n > 0 && nodeOf(redis as never, slotOf(key)) === node) ?? "";
    expect(await written(replicas, other)).toBe(true);
    const move = await cluster.moveOf(marked);
    await cluster.beginMove(move);
    await move.from.command("DEL", marked);
    expect(await written(replicas, other), "while it moves").toBe(true);
    await cluster.finishMove(move);
    expect(await written(replicas, other), "when it has moved").toBe(true);
  });
});

test("verdict: a server that does not know WAITAOF is of no use, and the line says what to do", async () => {
  const old = { options: {}, call: () => Promise.reject(new Error("ERR unknown command 'WAITAOF'")) };
  const verdict = await readVerdict(old as never, { onDisk: true });
  expect(verdict).toMatchObject({ safe: false, isUseless: true });
  for (const remedy of ["Redis 7.2", "Valkey", "unset ACCEPT_REPLICAS_ON_DISK"])
    expect(verdict.message).toContain(remedy);
});
