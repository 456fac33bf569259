/** A real Redis of a test file's own, ended with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer, startRedis } from "../../scripts/lib/redis.mjs";

export interface TestRedis {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** `conf` overrides settings of deploy/redis.conf. */
export async function startTestRedis(conf: Record<string, string> = {}): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-redis-"));
  const binary = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  const redis = await startRedis({ binary, dir, password: "test-password", conf });
  return {
    url: redis.url,
    pid: redis.pid,
    async stop() {
      await redis.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
