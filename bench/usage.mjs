/**
 * How long `GET /usage?period=month` and `GET /dashboard` take when an organization has made a million requests in the
 * month, and how much memory of Redis its ledger and counters use. The requests are written through the store, as the API
 * and a worker write them. BENCH_USAGE_REQUESTS sets their number.
 */
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { authorized, submit } from "./calls.mjs";
import { percentile } from "./measurements.mjs";

const REQUESTS = Number(process.env["BENCH_USAGE_REQUESTS"] ?? 1_000_000);
const ORGANIZATION = "default";
const API_KEYS = 10;
const TAGS = 5;
const BATCH = 200;
const CALLS = 300;
const PATHS = ["/usage?period=month", "/dashboard?period=month"];
const DAY_MS = 86_400_000;

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
    for (const path of PATHS) lines.push(`  GET ${path}: ${describe(await timesOf(stack, path))}`);
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

/** Milliseconds of each call, one after the other. @param {import("./calls.mjs").Stack} stack @param {string} path */
async function timesOf(stack, path) {
  const times = [];
  for (let call = 0; call < CALLS; call += 1) {
    const began = performance.now();
    await authorized(stack, path);
    times.push(performance.now() - began);
  }
  return times;
}

/**
 * Returns a function that writes one request and its end: one in three is rendered, the others fail unbilled.
 * @param {Redis} redis @param {string} exampleId the id of a request that the API has accepted
 */
async function createRequestWriter(redis, exampleId) {
  const { createStore } = await import("@visgate/shared/store");
  const { loadModels } = await import("@visgate/providers");
  const { newRequestId } = await import("@visgate/shared/ids");
  const { requests } = createStore({ redis, clock: { now: Date.now }, actor: "bench" });
  const first = (await requests.get({ organization: ORGANIZATION, id: exampleId }))?.doc;
  if (first === undefined) throw new Error("The first request is not there.");
  const models = [...loadModels().values()].filter(({ mediaType }) => mediaType === "video");
  const month = first.day.slice(0, 7);
  const days = Number(first.day.slice(8));
  return async (/** @type {number} */ index) => {
    const model = models[index % models.length];
    if (model === undefined) throw new Error("The catalogue is empty.");
    const day = (index % days) + 1;
    const createdAt = Date.parse(`${month}-01T00:00:00Z`) + (day - 1) * DAY_MS + (index % DAY_MS);
    const record = {
      ...first,
      ...{ id: newRequestId(createdAt), createdAt, day: `${month}-${String(day).padStart(2, "0")}` },
      ...{ model: model.id, endpoint: model.id, provider: model.provider },
      ...{ apiKeyId: `key_${index % API_KEYS}`, tag: `project-${index % TAGS}` },
    };
    const idempotency = null;
    await requests.accept({ record, idempotency, notAfter: Number.MAX_SAFE_INTEGER, encryptedProviderKey: null });
    for (const transition of index % 3 === 0 ? rendered(createdAt, index) : FAILED) {
      await requests.applyTo(record, /** @type {any} */ (transition));
    }
  };
}

const FAILURE = { code: "PROVIDER_ERROR", message: "bench", retryable: false, charged: false };
const FAILED = [{ name: "failed", at: Date.now(), failure: FAILURE, billedMicro: null }];

/** @param {number} at @param {number} index */
function rendered(at, index) {
  const output = { kind: "remote", url: "https://example.com/a.mp4" };
  const intent = { attempt: 1, at, token: "bench", leaseId: "bench", uploadedUrl: null };
  const costMicro = 1_000_000 + (index % 1000);
  return [
    { name: "submit_intended", intent, awaitsReport: false },
    { name: "submit_accepted", at, attempt: 1, providerRequestId: `bench-${index}` },
    { name: "rendered", at, outputs: [{ url: output.url }], withheld: 0, costMicro, costSource: "provider" },
    { name: "completed", at: at + 20_000 + (index % 60_000), outputs: [output] },
  ];
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
