/** Runs a stack at another date: its services and Redis use one clock, which the test sets. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFaketime } from "../../scripts/lib/programs/faketime.mjs";
import { findRedisServer } from "../../scripts/lib/stack/redis.mjs";

/** The processes read the file of the clock once a second, and compare their clock with Redis's once a second. */
const NOTICED_MS = 3500;

export interface Calendar {
  /** The environment of the services. */
  env: Record<string, string>;
  /** Starts Redis with the same clock. */
  redisServer: string;
  now(): number;
  /** Sets the clock to `at` (ms since the epoch) and resolves when every process has noticed it. */
  goTo(at: number): Promise<void>;
  close(): void;
}

/** Null where there is no libfaketime, because Redis cannot be given another clock without it. */
export async function createCalendar(at: number): Promise<Calendar | null> {
  const library = await findFaketime();
  if (library === undefined) return null;
  const dir = mkdtempSync(join(tmpdir(), "visgate-calendar-"));
  const file = join(dir, "clock");
  let aheadSeconds = 0;
  const set = (ms: number) => {
    aheadSeconds = Math.round((ms - Date.now()) / 1000);
    writeFileSync(file, `${aheadSeconds < 0 ? "" : "+"}${aheadSeconds}\n`);
  };
  set(at);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  // Redis's own allocator asks for the time before libfaketime is ready, so Redis gets the allocator of the C library.
  const envOfRedis = { ...env, LD_PRELOAD: `${library} libc.so.6` };
  const redisServer = join(dir, "redis-server");
  const program = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  const variables = Object.entries(envOfRedis).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(redisServer, `#!/bin/sh\n${variables.join(" ")} exec '${program}' "$@"\n`);
  chmodSync(redisServer, 0o755);
  return {
    ...{ env, redisServer, now: () => Date.now() + aheadSeconds * 1000 },
    async goTo(ms) {
      set(ms);
      await new Promise((resolve) => setTimeout(resolve, NOTICED_MS));
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}
