/** From the acceptance of a request to the first step of a worker, which writes the intent to submit it. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, submit } from "./calls.mjs";
import { percentile } from "./measurements.mjs";
import { withTarget } from "./targets.mjs";

const PER_SECOND = 100;
const REQUESTS = 1500;
/** Those of the first second warm up. */
const WARM = 100;
const SETTLE_MS = 3000;

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function firstStep({ dataDir, redisServer }) {
  const stack = await startStack({ dataDir, redisServer, env: { SIMULATOR_RENDER_SECONDS: "600" } });
  const redis = new Redis(stack.redisUrl);
  try {
    const { createStore } = await import("@visgate/shared/store");
    const { requests } = createStore({ redis, clock: { now: Date.now } });
    const ids = await atPace({ count: REQUESTS, perSecond: PER_SECOND }, () => submit(stack));
    await sleep(SETTLE_MS);
    const waits = [];
    for (const id of ids.slice(WARM)) {
      const { doc } = (await requests.get({ organization: "default", id })) ?? {};
      waits.push((doc?.intent?.at ?? Number.NaN) - (doc?.createdAt ?? 0));
    }
    return [
      `From a 202 to the worker's first step, ${PER_SECOND} submits a second, one worker, appendfsync always:`,
      `  ${withTarget("p50", percentile(waits, 0.5), { atMost: 10, unit: " ms" })}`,
      `  ${withTarget("p99", percentile(waits, 0.99), { atMost: 50, unit: " ms" })}`,
    ];
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}
