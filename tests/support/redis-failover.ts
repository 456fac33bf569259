/** Failovers with real servers: replicas, a Sentinel, and one address that leads to another server. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startTcpProxy } from "../../chaos/tcp-proxy.mjs";
import { end } from "../../scripts/lib/processes/processes.mjs";
import { findRedisServer } from "../../scripts/lib/stack/redis.mjs";
import { startSentinel as launchSentinel } from "../../scripts/lib/stack/redis-group.mjs";
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

/** A primary, and a replica that has all its data. `redisServer`: their program. Default: the one of the test run. */
export async function startPair(redisServer?: string): Promise<Pair> {
  const [primary, replica] = await Promise.all([startMember(redisServer), startMember(redisServer)]);
  await replica.follow(primary);
  return {
    primary: primary.server,
    replica: replica.server,
    async swap() {
      await replica.promote();
      await primary.admin.call("REPLICAOF", "127.0.0.1", String(portOf(replica.server.url)));
    },
    stop: () => stopAll([primary, replica]),
  };
}

/** One server of a group, with a connection to command it. */
export interface Member {
  server: TestRedis;
  admin: Redis;
  /** Resolves when it has all data of the other one. */
  follow(other: Member): Promise<void>;
  promote(): Promise<unknown>;
}

async function startMember(redisServer?: string): Promise<Member> {
  const server = await startTestRedis({ masterauth: "test-password" }, redisServer);
  const admin = new Redis(server.url);
  admin.on("error", () => {});
  return {
    server,
    admin,
    async follow(other) {
      await admin.call("REPLICAOF", "127.0.0.1", String(portOf(other.server.url)));
      await until("the replica to have the data", async () => (await admin.info("replication")).includes("status:up"));
    },
    promote: () => admin.call("REPLICAOF", "NO", "ONE"),
  };
}

async function stopAll(members: Member[]): Promise<void> {
  for (const { admin } of members) admin.disconnect();
  await Promise.all(members.map(({ server }) => server.stop()));
}

export interface Group {
  primary: Member;
  replicas: [Member, Member];
  sentinel: TestSentinel;
  /** For REDIS_URL. */
  url: string;
  stop(): Promise<void>;
}

/** A primary with two replicas, and a Sentinel that knows them. `redisServer`: as for `startPair`. */
export async function startGroup(downAfterMs = 500, redisServer?: string): Promise<Group> {
  const start = () => startMember(redisServer);
  const [primary, one, two] = await Promise.all([start(), start(), start()]);
  await Promise.all([one.follow(primary), two.follow(primary)]);
  const sentinel = await startSentinel("group", primary.server, 2, downAfterMs);
  return {
    ...{ primary, replicas: [one, two], sentinel },
    url: `redis+sentinel://:${passwordOf(primary.server.url)}@127.0.0.1:${sentinel.port}/group`,
    async stop() {
      await sentinel.stop();
      await stopAll([primary, one, two]);
    },
  };
}

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
  /** `SENTINEL <what> <name>`. */
  ask(what: string): Promise<unknown>;
  stopAnswering(): void;
  answerAgain(): void;
  stop(): Promise<void>;
}

/** A Sentinel that watches `primary` as `name`, knows its replicas, and replaces it after `downAfterMs` of silence. */
export async function startSentinel(
  name: string,
  primary: TestRedis,
  replicaCount = 1,
  downAfterMs = 500,
): Promise<TestSentinel> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-sentinel-"));
  const binary = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  const { url } = primary;
  const { port, owned, ask } = await launchSentinel({
    ...{ dir, binary, name, quorum: 1, downAfterMs },
    ...{ password: passwordOf(url), primaryPort: portOf(url) },
  });
  await until("the Sentinel to know the replicas", async () => {
    const replicas = await ask("replicas").catch(() => null);
    return replicas?.length >= replicaCount;
  });
  return {
    ...{ port, ask },
    stopAnswering: () => void owned.child.kill("SIGSTOP"),
    answerAgain: () => void owned.child.kill("SIGCONT"),
    async stop() {
      owned.child.kill("SIGCONT");
      await end(owned, 5000);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
