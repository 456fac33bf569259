/** A real Redis Cluster for one test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Keys } from "@visgate/shared/store";
import { afterAll, beforeAll } from "vitest";
import { findRedisServer } from "../../scripts/lib/stack/redis.mjs";
import { type RedisCluster, startRedisCluster } from "../../scripts/lib/stack/redis-cluster.mjs";
import { onceStarted } from "./once-started.js";

/** Whether stacks, and the store under test, have a cluster instead of one server. */
export const IS_CLUSTER = process.env["REDIS"] === "cluster";

export interface TestClusterOptions {
  /** Of each of the three primaries. Default: 1. */
  replicas?: number;
  /** The program that runs Redis. Default: the one of the test run. */
  redisServer?: string | undefined;
}

export async function startTestCluster(
  dir: string,
  { replicas = 1, redisServer = process.env["REDIS_SERVER"] }: TestClusterOptions = {},
): Promise<RedisCluster> {
  const binary = redisServer ?? (await findRedisServer({ install: false }));
  return startRedisCluster({ dir, binary, password: "test-password", replicas });
}

/** An organization whose keys are on another node. The names of the candidates begin with `prefix`. */
export async function organizationElsewhere(
  cluster: RedisCluster,
  node: unknown,
  { allRequests }: Pick<Keys, "allRequests">,
  prefix = "org",
): Promise<string> {
  const names = Array.from({ length: 30 }, (_, n) => `${prefix}-${n}`);
  const nodes = await Promise.all(names.map((name) => cluster.primaryOf(allRequests(name))));
  return names[nodes.findIndex((other) => other !== node)] ?? "";
}

/** One cluster for all tests of a file. */
export function useTestCluster(options: TestClusterOptions = { replicas: 0 }): RedisCluster {
  let cluster: RedisCluster | undefined;
  let dir = "";
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "visgate-cluster-"));
    cluster = await startTestCluster(dir, options);
  });
  afterAll(async () => {
    await cluster?.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return onceStarted(() => cluster);
}
