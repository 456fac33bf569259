/** Resident memory of a stack that has nothing to do. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { startStack } from "../scripts/lib/stack/stack.mjs";

const SETTLE_MS = 5000;

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function idleMemory({ dataDir, redisServer }) {
  const stack = await startStack({ dataDir, redisServer });
  try {
    await sleep(SETTLE_MS);
    const parts = {
      api: residentMb(stack.apis[0]?.pid),
      worker: residentMb(stack.workers[0]?.pid),
      redis: residentMb(stack.redis?.pid),
    };
    const total = parts.api + parts.worker + parts.redis;
    const shares = Object.entries(parts).map(([name, mb]) => `${name} ${mb} MB`);
    return [`Idle stack: ${total} MB resident (${shares.join(", ")})`];
  } finally {
    await stack.stop();
  }
}

/** @param {number | undefined} pid */
export function residentMb(pid) {
  return Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024);
}
