/** The price of ACCEPT_REPLICAS: submits with and without it in turns, on one group of Redis servers with Sentinels. */
import { join } from "node:path";
import { startRedisGroup } from "../scripts/lib/stack/redis-group.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { headersOf, INPUT } from "./calls.mjs";
import { describeLoad, inTurns } from "./load.mjs";

/** Both sides are one gateway, on one Redis. */
const KEYS = { VISGATE_API_KEY: "vg-bench-0123456789abcdef", VISGATE_SECRET: "bench-secret-0123456789abcdef" };

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function acceptReplicas({ dataDir, redisServer, options }) {
  const group = await startRedisGroup({
    dir: `${dataDir}-redis`,
    binary: redisServer ?? "",
    password: "bench-password",
  });
  const start = (/** @type {string} */ count) =>
    startStack({
      ...{ dataDir: join(dataDir, count), redis: { url: group.url }, workers: 0 },
      env: { SIMULATOR_RENDER_SECONDS: "1", LOG_LEVEL: "warn", ACCEPT_REPLICAS: count, ...KEYS },
    });
  const [safe, plain] = [await start("1"), await start("0")];
  try {
    const target = (/** @type {import("./calls.mjs").Stack} */ stack) => ({
      ...{ url: `${stack.baseUrl}/api/v1/videos/generate`, method: /** @type {const} */ ("POST") },
      ...{ headers: headersOf(stack), body: JSON.stringify(INPUT) },
    });
    const { ours, theirs, ratioOf } = await inTurns({ ours: target(safe), theirs: target(plain) }, options);
    return [
      "Submits with ACCEPT_REPLICAS=1 against ACCEPT_REPLICAS=0, two replicas, three Sentinels, one API, no worker:",
      `  ${ratioOf("perSecond").toFixed(2)}x the calls, ${ratioOf("p50").toFixed(2)}x the time of a call`,
      `  with ${describeLoad(ours)}; without ${describeLoad(theirs)}`,
    ];
  } finally {
    await Promise.all([safe.stop(), plain.stop()]);
    await group.close();
  }
}
