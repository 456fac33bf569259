/** Failovers of Redis, as the connections of an API process and of a worker see them. */
import { randomUUID } from "node:crypto";
import { createProducer } from "@visgate/shared/queue";
import { createLogger } from "@visgate/shared/runtime";
import {
  connectFailFast,
  connectPatient,
  connectReader,
  connectSubscriber,
  createGate,
  type Redis,
} from "@visgate/shared/store";
import { expect, onTestFinished, test } from "vitest";
import { type Pair, startPair, startSentinel, startSwitchProxy } from "../../../tests/support/redis-failover.js";
import { createTestSignal } from "../../../tests/support/signals.js";
import { until } from "../../../tests/support/until.js";
import { startWorker } from "./queue-worker.js";

/** Ends after everything that a test opens later. */
async function openPair(): Promise<Pair> {
  const pair = await startPair();
  onTestFinished(pair.stop);
  return pair;
}

const silent = createLogger({ level: "silent", service: "worker", secretNames: [] });

/** The connections of main.ts, and a worker that runs the jobs of a queue. */
async function openProcesses(url: string) {
  const api = { main: connectFailFast(url), reader: connectReader(url), subscriber: connectSubscriber(url) };
  const worker = connectPatient(url);
  const connections = { ...api, worker };
  for (const one of Object.values(connections)) one.on("error", () => {});
  const gate = createGate(api.main);
  const workerGate = createGate(worker);
  await Promise.all([gate.untilWritable(), workerGate.untilWritable()]);
  const producer = createProducer({ redis: api.main, onError: () => {} });
  const ran = createTestSignal();
  const options = {
    ...{ redis: worker, gate: workerGate, log: silent, leaseId: "lease", running: new Map() },
    ...{ concurrency: 5, lockDurationMs: 30_000 },
  };
  const consumer = startWorker("fal", options, async () => ran.fire());
  onTestFinished(async () => {
    await consumer.close();
    await producer.close();
    for (const one of [gate, workerGate]) one.close();
    for (const one of Object.values(connections)) one.disconnect();
  });
  const runOne = async () => {
    const before = ran.count();
    await until("a job to be taken", () =>
      producer.wakeRequest("fal", { organization: "acme", id: randomUUID() }).then(
        () => true,
        () => false,
      ),
    );
    await ran.reached(before + 1, 20_000);
  };
  return { connections, gate, runOne };
}

const isPrimary = async (redis: Redis) => String((await redis.role().catch(() => []))[0]) === "master";
const allOnPrimary = (connections: Record<string, Redis>) =>
  until("all connections to be on the primary", async () =>
    (await Promise.all(Object.values(connections).map(isPrimary))).every(Boolean),
  );

test("a failover behind one address, with all old connections left open: API and worker continue by themselves", async () => {
  const pair = await openPair();
  const proxy = await startSwitchProxy(pair.primary.url);
  onTestFinished(proxy.close);
  const address = new URL(pair.primary.url);
  address.port = String(proxy.port);
  const { connections, gate, runOne } = await openProcesses(address.href);
  await runOne();
  proxy.switchTo(pair.replica.url);
  await pair.swap();
  await until("the gate to see the replica", () => gate.whyClosed()?.message.includes("read-only"));
  await gate.untilWritable();
  await runOne();
  await allOnPrimary(connections);
  expect(gate.whyClosed()).toBeNull();
});

test.each([
  { what: "was killed", signal: "SIGKILL" },
  { what: "hangs", signal: "SIGSTOP" },
] as const)(
  "a failover by Sentinel, after the primary $what: API and worker continue by themselves",
  async ({ signal }) => {
    const pair = await openPair();
    const sentinel = await startSentinel("main", pair.primary);
    onTestFinished(sentinel.stop);
    const { password } = new URL(pair.primary.url);
    const url = `redis+sentinel://:${password}@127.0.0.1:1,127.0.0.1:${sentinel.port}/main`;
    const { connections, gate, runOne } = await openProcesses(url);
    await runOne();
    const { pid } = pair.primary;
    process.kill(pid, signal);
    onTestFinished(() => void (signal === "SIGSTOP" && process.kill(pid, "SIGCONT")));
    await until("the gate to close", () => gate.whyClosed());
    await gate.untilWritable();
    await runOne();
    await allOnPrimary(connections);
  },
  90_000,
);
