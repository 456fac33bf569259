/**
 * From the acceptance of a request to the first step of a worker. The step only reads the record: with real steps, the
 * provider's simulator and the polls would take both cores.
 */
import { once } from "node:events";
import { join } from "node:path";
import { startService } from "../scripts/lib/processes/services.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, submit } from "./calls.mjs";
import { percentile } from "./measurements.mjs";
import { withTarget } from "./targets.mjs";

const PER_SECOND = 100;
const REQUESTS = 1500;
/** Those of the first second warm up. */
const WARM = 100;

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function firstStep({ dataDir, redisServer }) {
  const stack = await startStack({ dataDir, redisServer, workers: 0 });
  const entry = new URL("draining-worker.mjs", import.meta.url).pathname;
  const env = { PATH: process.env["PATH"] ?? "", REDIS_URL: stack.redisUrl };
  const worker = startService({ name: "draining worker", entry, env, logFile: join(dataDir, "worker.log") });
  try {
    await worker.ready;
    await atPace({ count: REQUESTS, perSecond: PER_SECOND }, () => submit(stack));
    worker.child.send("waits");
    const [{ waits }] = await once(worker.child, "message");
    const counted = waits.slice(WARM);
    return [
      `From a 202 to the worker's first step, ${PER_SECOND} submits a second, one worker, appendfsync always:`,
      `  ${withTarget("p50", percentile(counted, 0.5), { atMost: 10, unit: " ms" })}`,
      `  ${withTarget("p99", percentile(counted, 0.99), { atMost: 50, unit: " ms" })}`,
    ];
  } finally {
    await worker.stop();
    await stack.stop();
  }
}
