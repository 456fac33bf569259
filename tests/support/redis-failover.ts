/** Failovers with real servers: replicas, a Sentinel, and one address that leads to another server. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startTcpProxy } from "../../chaos/tcp-proxy.mjs";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { end, spawnOwned } from "../../scripts/lib/processes/processes.mjs";
import { findRedisServer } from "../../scripts/lib/stack/redis.mjs";
import { startTestRedis, type TestRedis } from "./redis.js";
import { until } from "./until.js";

export interface Pair {
  primary: TestRedis;
  replica: TestRedis;
  /** Makes the replica the primary, and the primary its replica. The connections of both stay open. */
  swap(): Promise<void>;
  stop(): Promise<void>;
}

const passwordOf = (url: string) => new URL(url).password;
const portOf = (url: string) => Number(new URL(url).port);

/** A primary, and a replica that has all its data. */
export async function startPair(): Promise<Pair> {
  const conf = { masterauth: "test-password", "repl-diskless-sync-delay": "0" };
  const [primary, replica] = await Promise.all([startTestRedis(conf), startTestRedis(conf)]);
  const admins = [new Redis(primary.url), new Redis(replica.url)] as const;
  for (const admin of admins) admin.on("error", () => {});
  await follow(admins[1], primary.url);
  await until("the replica to have the data", async () =>
    (await admins[1].info("replication")).includes("link_status:up"),
  );
  return {
    primary,
    replica,
    async swap() {
      await admins[1].call("REPLICAOF", "NO", "ONE");
      await follow(admins[0], replica.url);
    },
    async stop() {
      for (const admin of admins) admin.disconnect();
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}

const follow = (redis: Redis, url: string) => redis.call("REPLICAOF", "127.0.0.1", String(portOf(url)));

export interface SwitchProxy {
  port: number;
  /** New connections lead to this server. Open connections stay as they are. */
  switchTo(url: string): void;
  close(): Promise<void>;
}

/** One address in front of several servers, as a load balancer or a service of Kubernetes. */
export async function startSwitchProxy(url: string): Promise<SwitchProxy> {
  let target = portOf(url);
  const { port, close } = await startTcpProxy({
    open: () => connect(target, "127.0.0.1"),
    join([client, upstream]) {
      client.pipe(upstream);
      upstream.pipe(client);
    },
  });
  return {
    port,
    close,
    switchTo(other) {
      target = portOf(other);
    },
  };
}

export interface TestSentinel {
  port: number;
  stop(): Promise<void>;
}

/** A Sentinel that watches `primary` as `name`, knows its replica, and replaces it after half a second of silence. */
export async function startSentinel(name: string, primary: TestRedis): Promise<TestSentinel> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-sentinel-"));
  const port = await freePort();
  const conf = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${dir}`,
    `sentinel monitor ${name} 127.0.0.1 ${portOf(primary.url)} 1`,
    `sentinel auth-pass ${name} ${passwordOf(primary.url)}`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  const file = join(dir, "sentinel.conf");
  writeFileSync(file, `${conf.join("\n")}\n`);
  const binary = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  const env = { LC_ALL: "C", PATH: process.env["PATH"] ?? "" };
  const owned = spawnOwned(binary, [file, "--sentinel"], { env, logFile: join(dir, "sentinel.log") });
  const sentinel = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null });
  sentinel.on("error", () => {});
  await until("the Sentinel to know the replica", async () => {
    const replicas = (await sentinel.call("SENTINEL", "REPLICAS", name).catch(() => [])) as unknown[];
    return replicas.length > 0;
  });
  sentinel.disconnect();
  return {
    port,
    async stop() {
      await end(owned, 5000);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
