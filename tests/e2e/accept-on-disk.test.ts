/** ACCEPT_REPLICAS_ON_DISK with a server that does not know WAITAOF, as Redis 7.0. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ENTRIES } from "../../scripts/lib/paths.mjs";
import { startTestRedis, type TestRedis } from "../support/redis.js";
import { findValkey } from "../support/valkey.js";

let server: TestRedis;
let dataDir = "";
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "visgate-on-disk-"));
  server = await startTestRedis({ "rename-command WAITAOF": "" }, await findValkey());
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it.each([
  { program: "api", ALLOW_UNSAFE_REDIS: "false" },
  { program: "worker", ALLOW_UNSAFE_REDIS: "false" },
  // It could only refuse every call.
  { program: "api", ALLOW_UNSAFE_REDIS: "true" },
] as const)(
  "$program with ALLOW_UNSAFE_REDIS=$ALLOW_UNSAFE_REDIS: ends at its start, and one line says what to do",
  ({ program, ALLOW_UNSAFE_REDIS }) => {
    const env = {
      ...{ PATH: process.env["PATH"], REDIS_URL: server.url, DATA_DIR: dataDir, PORT: "0", LOG_LEVEL: "silent" },
      ...{ VISGATE_SECRET: "a secret of this test", VISGATE_API_KEY: "vg-0123456789abcdef" },
      ...{ ACCEPT_REPLICAS: "1", ACCEPT_REPLICAS_ON_DISK: "true", ALLOW_UNSAFE_REDIS },
    };
    const { status, stderr } = spawnSync(process.execPath, [ENTRIES[program]], {
      env,
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/WAITAOF.*Redis 7\.2.*unset ACCEPT_REPLICAS_ON_DISK/),
    ]);
  },
);
