/**
 * A stack of real processes for one test file: Redis, simulator, APIs, workers. With REDIS=cluster, Redis is a cluster of
 * six nodes.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisCluster } from "../../scripts/lib/stack/redis-cluster.mjs";
import { type Stack, startStack } from "../../scripts/lib/stack/stack.mjs";
import { type Caller, createCaller, createSimulatorControl, type SimulatorControl } from "./caller.js";
import { IS_CLUSTER, startTestCluster } from "./redis-cluster.js";
import { RENDER_CACHE_DIR } from "./render-cache.js";
import { until } from "./until.js";

export interface TestStack {
  stack: Stack;
  caller: Caller;
  /** One per API process. */
  callers: Caller[];
  simulator: SimulatorControl;
  dataDir: string;
  redis: TestRedisServer;
  /** Null when Redis is one server. */
  cluster: RedisCluster | null;
  stop(): Promise<void>;
}

/** The server that holds the default organization. */
export interface TestRedisServer {
  /** Ends it at once. Resolves when it runs again, and of a cluster when all is as before. */
  kill(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): Promise<void>;
}

function singleServer({ redis }: Stack): TestRedisServer {
  const server = () => {
    if (redis === undefined) throw new Error("this stack has no Redis of its own");
    return redis;
  };
  return {
    async kill() {
      const restarted = once(server().events, "restart");
      server().kill();
      await restarted;
    },
    signal: async (name) => void process.kill(server().pid ?? 0, name),
  };
}

const DOWN_MS = 3000;

function nodeOf(cluster: RedisCluster): TestRedisServer {
  /** While it is stopped, another node may take its place. */
  let stopped: number | null = null;
  const serving = () => cluster.primaryOf("vg:{default}:requests");
  return {
    async kill() {
      await (await serving()).kill(DOWN_MS);
      await until("the cluster to be whole", cluster.isWhole, 60_000);
    },
    async signal(name) {
      stopped ??= (await serving()).pid;
      process.kill(stopped, name);
      if (name === "SIGCONT") stopped = null;
    },
  };
}

export interface TestStackOptions {
  apis?: number;
  /** The port of the first API. Default: a free one. */
  port?: number;
  workers?: number;
  env?: Record<string, string>;
  restart?: boolean;
  /** The program that runs Redis. Default: the one of the test run. */
  redisServer?: string | undefined;
  /** A simulator that runs already. */
  simulatorUrl?: string;
  /** Redis is a cluster of six nodes. Default: when REDIS=cluster. */
  isCluster?: boolean;
}

const ENV = {
  SIMULATOR_RENDER_SECONDS: "0.5",
  // Short, so that no test waits for a queue that it does not look at.
  SIMULATOR_QUEUE_SECONDS: "0.05",
  SIMULATOR_RENDER_CACHE_DIR: RENDER_CACHE_DIR,
  SIMULATOR_FRAMES_PER_SECOND: "2",
  // Each takes a process and 0.2 s of the processor, which the tests share.
  POSTERS: "false",
  ALLOW_PRIVATE_URLS: "true",
  LOG_LEVEL: "info",
  // Short, so that a crash is noticed within the time limit of a test.
  LOCK_DURATION_MS: "3000",
  // Longer than a submit ever takes on a busy machine: after it, a request may end as SUBMIT_UNKNOWN.
  SUBMIT_TIMEOUT_MS: "8000",
  LOCATE_SECONDS: "12",
  WEBHOOK_RETRY_SECONDS: "0.2,0.4,0.8",
};

export async function startTestStack(options: TestStackOptions = {}) {
  const { apis, workers, port, env = {}, restart = false, redisServer, simulatorUrl } = options;
  const { isCluster = IS_CLUSTER } = options;
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-e2e-"));
  const cluster = isCluster ? await startTestCluster(join(dataDir, "redis"), { redisServer }) : null;
  const stack = await startStack({
    dataDir,
    env: { ...ENV, ...(isCluster ? { ACCEPT_REPLICAS: "1" } : {}), ...env },
    port: port ?? 0,
    apis: apis ?? 1,
    workers: workers ?? 1,
    restart,
    simulatorUrl,
    ...(cluster === null ? {} : { redis: { url: cluster.url } }),
    redisServer: redisServer ?? process.env["REDIS_SERVER"],
  }).catch(async (error) => {
    await cluster?.close();
    throw error;
  });
  const callers = stack.baseUrls.map((url) => createCaller(url, stack.apiKey));
  const [caller] = callers;
  if (caller === undefined) throw new Error("a stack has at least one API");
  return {
    stack,
    caller,
    callers,
    simulator: createSimulatorControl(stack.simulatorUrl ?? ""),
    dataDir,
    cluster,
    redis: cluster === null ? singleServer(stack) : nodeOf(cluster),
    async stop() {
      await stack.stop();
      await cluster?.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  } satisfies TestStack;
}
