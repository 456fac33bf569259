/**
 * Our side of the comparison with a bare worker: takes requests as a worker of the gateway does, but its step only reads
 * the record and calls no provider.
 */
import { createProducer } from "@visgate/shared/queue";
import { createLogger } from "@visgate/shared/runtime";
import { connectPatient, createGate, createStore } from "@visgate/shared/store";
import { consume } from "../apps/worker/dist/consume.js";
import { runFirstSteps } from "../apps/worker/dist/first-steps.js";
import { finish } from "../apps/worker/dist/outcome.js";

const QUEUE = "fal";
const CONCURRENCY = 50;

const url = process.env["REDIS_URL"] ?? "";
const redis = connectPatient(url);
const gate = createGate(redis);
const log = createLogger({ level: "warn", service: "worker", secretNames: [] });
const store = createStore({ redis, clock: { now: Date.now } });
const producer = createProducer({ redis, onError: () => {} });

/** @type {number[]} milliseconds from the acceptance of each request */
const waits = [];
/** @param {import("@visgate/shared/request").RequestRef} ref */
const step = async (ref) => {
  const began = Date.now();
  const current = await store.requests.get(ref);
  if (current !== null) waits.push(began - current.doc.createdAt);
  return finish;
};
process.on("message", (message) => {
  if (message === "waits") process.send?.({ waits });
});
const running = new Map();
const worker = consume(QUEUE, step, {
  ...{ redis, gate, concurrency: CONCURRENCY, lockDurationMs: 30_000, leaseId: "bench", running, log },
  now: Date.now,
});
const firstSteps = runFirstSteps([QUEUE], step, {
  ...{ outbox: store.outbox, blocking: connectPatient(url), producer, gate },
  ...{ concurrency: CONCURRENCY, leaseId: "bench", running, log },
});
await worker.waitUntilReady();
process.send?.({ type: "ready" });

const end = async () => {
  await Promise.all([firstSteps.close(), worker.close()]);
  process.exit(0);
};
process.on("SIGTERM", end);
process.on("disconnect", end);
