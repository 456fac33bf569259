/** A real Redis of a test file's own, ended with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer, startRedis } from "../../scripts/lib/stack/redis.mjs";

export interface TestRedis {
  url: string;
  /** Of the server that runs now. */
  pid: number;
  stop(): Promise<void>;
  /** Ends the server; what it kept stays. */
  takeDown(): Promise<void>;
  /** Starts it again on the same port, with what it kept. */
  bringBack(): Promise<void>;
}

/** `conf` overrides settings of deploy/redis.conf. */
export async function startTestRedis(conf: Record<string, string> = {}): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-redis-"));
  const binary = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
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
