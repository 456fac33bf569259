/**
 * How long `GET /usage?period=month` and `GET /dashboard` take when an organization has made a million requests in the
 * month, and how much memory of Redis its ledger and counters use. The requests are written through the store, as the API
 * and a worker write them. BENCH_USAGE_REQUESTS sets their number.
 */
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { authorized, submit } from "./calls.mjs";
import { percentile, timesOf } from "./measurements.mjs";
import { createRequestWriter, ORGANIZATION } from "./request-writer.mjs";

const REQUESTS = Number(process.env["BENCH_USAGE_REQUESTS"] ?? 1_000_000);
const BATCH = 200;
const CALLS = 300;
const PATHS = ["/usage?period=month", "/dashboard?period=month"];

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function usage({ dataDir, redisServer }) {
  const stack = await startStack({ dataDir, redisServer, workers: 0 });
  const redis = new Redis(stack.redisUrl);
  try {
    // Only reads are measured; a million requests would fill the disk.
    await redis.config("SET", "appendonly", "no");
    const writeRequest = await createRequestWriter(redis, await submit(stack));
    for (let from = 0; from < REQUESTS; from += BATCH) {
      await Promise.all(Array.from({ length: BATCH }, (_, index) => writeRequest(from + index)));
    }
    const lines = [`An organization with ${REQUESTS.toLocaleString("en")} requests in the month:`];
    for (const path of PATHS)
      lines.push(`  GET ${path}: ${describe(await timesOf(CALLS, () => authorized(stack, path)))}`);
    const bytes = await moneyBytes(redis);
    return [...lines, `  ledger and counters: ${Math.round(bytes / REQUESTS)} bytes of Redis for each request`];
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

/** @param {number[]} times */
function describe(times) {
  const [p50, p99, max] = [percentile(times, 0.5), percentile(times, 0.99), Math.max(...times)];
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`;
}

/** @param {Redis} redis */
async function moneyBytes(redis) {
  const prefix = `vg:{${ORGANIZATION}}:`;
  const found = [];
  for await (const names of redis.scanStream({ match: `${prefix}*`, count: 10_000 })) found.push(...names);
  const ofMoney = found.filter((name) =>
    /^(?:ledger|balance|spent:|usage:|models:|rows:|latencies:|times:)/.test(name.slice(prefix.length)),
  );
  const sizes = await Promise.all(ofMoney.map((name) => redis.memory("USAGE", name, "SAMPLES", 0)));
  return sizes.reduce((/** @type {number} */ sum, size) => sum + Number(size), 0);
}
