/** A real Redis for one test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { findRedisServer, startRedis } from "../../scripts/lib/stack/redis.mjs";
import { onceStarted } from "./once-started.js";

export interface TestRedis {
  url: string;
  /** The process id of the current server. */
  pid: number;
  stop(): Promise<void>;
  /** Stops the server and keeps its data. */
  takeDown(): Promise<void>;
  /** Starts the server again on the same port, with its data. */
  bringBack(): Promise<void>;
}

/** `conf` overrides settings of deploy/redis.conf. `redisServer`: its program. Default: the one of the test run. */
export async function startTestRedis(conf: Record<string, string> = {}, redisServer?: string): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-redis-"));
  const binary = redisServer ?? process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  const start = (port?: number) => startRedis({ binary, dir, password: "test-password", conf, port });
  let redis = await start();
  return {
    url: redis.url,
    get pid() {
      return redis.pid;
    },
    async stop() {
      await redis.stop();
      rmSync(dir, { recursive: true, force: true });
    },
    async takeDown() {
      await redis.stop();
    },
    async bringBack() {
      redis = await start(redis.port);
    },
  };
}

/** One Redis for all tests of a file. */
export function useTestRedis(): TestRedis {
  let server: TestRedis | undefined;
  beforeAll(async () => {
    server = await startTestRedis();
  });
  afterAll(() => server?.stop());
  return onceStarted(() => server);
}
