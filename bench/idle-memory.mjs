/** The resident memory of an idle stack. */
import { setTimeout as sleep } from "node:timers/promises";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { residentMb } from "./measurements.mjs";

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
