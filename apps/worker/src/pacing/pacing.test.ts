/** Requests of one provider account with limits, as a worker's steps see them. */
import type { SubmitResult } from "@visgate/providers";
import { newRequestId } from "@visgate/shared/ids";
import { queuePrefix } from "@visgate/shared/queue";
import type { RequestRecord } from "@visgate/shared/request";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failure, pendingRecord, processingRecord, T0 } from "../../../../tests/support/records.js";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../../../tests/support/scripted-provider.js";
import { type TestWorker, useTestWorkers, type WorkerOptions } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";
import { sweep } from "../upkeep/sweep.js";
import { tidyPools } from "../upkeep/tidy-pools.js";

const { server, openWorker } = useTestWorkers();
let redis: Redis;
let queue: Queue;
let worker: TestWorker;
let provider: ScriptedProvider;
beforeAll(() => {
  redis = new Redis(server.url);
  queue = new Queue("fal", { connection: redis, prefix: queuePrefix("fal") });
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  await queue.close();
  redis.disconnect();
});

let jobs = 0;
const accepted = (): SubmitResult => {
  jobs += 1;
  return { kind: "accepted", id: `job-${jobs}` };
};
const ONE = { maxInFlight: 1 };

async function withProvider(script: Script, options: WorkerOptions = {}) {
  provider = createScriptedProvider({ submit: accepted, ...script });
  worker = await openWorker({ limits: ONE, ...options, adapter: provider.adapter });
}
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
/** `n` requests, the first of which is the oldest. */
const keep = (n: number, given: Partial<RequestRecord> = {}) =>
  Promise.all(
    Array.from({ length: n }, (_, at) =>
      worker.keep(pendingRecord({ id: newRequestId(T0 + at), createdAt: T0 + at, ...given })),
    ),
  ) as Promise<[RequestRecord, RequestRecord, RequestRecord]>;
const submits = () => provider.calls.filter((call) => call.startsWith("submit")).length;
const pool = () => ({ account: "fal", limits: { maxInFlight: 1, maxInFlightPerModel: null, createsPerSecond: null } });
const holders = async () => (await worker.store.pools.holders(pool())).map(({ id }) => id);
const waiting = async () => (await worker.store.pools.waiting(pool())).map(({ id }) => id).toSorted();
/** Whether a job wakes the request. */
const isWoken = (record: RequestRecord) =>
  expect.poll(async () => (await queue.getJob(record.id)) !== undefined).toBe(true);

describe("a request without a slot", () => {
  test("sleeps, with its place and without an attempt; it is woken and submitted when the slot is free", async () => {
    await withProvider({ poll: { kind: "failed", failure: failure(), bill: null } });
    const [first, second, third] = await keep(3);
    await run(first);
    const outcomes = [await run(second), await run(third)];
    expect(outcomes).toEqual([
      { kind: "sleep", delayMs: 5000 },
      { kind: "sleep", delayMs: 5200 },
    ]);
    for (const [queuePosition, record] of [second, third].entries()) {
      const free = { status: "pending", attempts: 0, intent: null, chargeState: "none" };
      expect(await worker.record(record)).toMatchObject({ ...free, queuePosition });
    }
    expect(submits()).toBe(1);

    await run(first);
    await isWoken(second);
    expect(await queue.getJob(third.id)).toBeUndefined();
    await run(second);
    expect(await worker.record(second)).toMatchObject({ status: "processing", attempts: 1, queuePosition: null });
    expect(submits()).toBe(2);
    await run(third);
    expect(await worker.record(third)).toMatchObject({ queuePosition: 0 });
  });

  test("shows its place in status, time line and feed", async () => {
    await withProvider({});
    const [first, second, third] = await keep(3);
    for (const record of [first, second, third, third]) await run(record);
    const changes = await worker.store.timeline.changes(third);
    expect(changes.map(({ name, status, queuePosition }) => [name, status, queuePosition])).toEqual([
      ["queued", "pending", 1],
    ]);
    const events = await worker.store.feed.read("acme", 0, 10);
    expect(
      events.filter((event) => "requestId" in event && event.requestId === third.id).map(({ type }) => type),
    ).toEqual(["request.progress"]);
  });

  test("ends at its deadline, and leaves its line", async () => {
    await withProvider({});
    const [first, second] = await keep(2);
    await run(first);
    const soon = await worker.keep(pendingRecord({ deadlineAt: T0 + 1000 }));
    expect(await run(soon)).toEqual({ kind: "sleep", delayMs: 1000 });
    await run(second);
    worker.clock.advance(1000);
    expect(await run(soon)).toEqual({ kind: "finish" });
    const timeout = { status: "failed", failure: { code: "PROVIDER_TIMEOUT" }, attempts: 0, queuePosition: null };
    expect(await worker.record(soon)).toMatchObject(timeout);
    expect(await waiting()).toEqual([second.id]);
  });

  test("leaves its line when it is cancelled", async () => {
    await withProvider({});
    const [first, second] = await keep(2);
    for (const record of [first, second]) await run(record);
    // What the API does, before it nudges the worker.
    await worker.store.requests.applyTo(second, { name: "cancel_requested", at: T0 });
    expect(await run(second)).toEqual({ kind: "finish" });
    expect(await worker.record(second)).toMatchObject({ status: "failed", failure: { code: "CANCELLED" } });
    expect([await waiting(), await holders()]).toEqual([[], [first.id]]);
  });

  test("with a key of the caller's own: does not wait", async () => {
    await withProvider({});
    const [first] = await keep(1);
    await run(first);
    const own = pendingRecord({ mode: "byok", account: "caller" });
    await worker.keep(own, worker.deps.secrets.encrypt("caller-key", own.id));
    await run(own);
    expect(submits()).toBe(2);
  });

  test("of low priority: comes after a normal one that is younger", async () => {
    await withProvider({});
    const [first, low] = await keep(2, { priority: "low" });
    const [normal] = await keep(1, { createdAt: T0 + 50 });
    for (const record of [first, low, normal, low]) await run(record);
    expect((await worker.record(low)).queuePosition).toBe(1);
    expect((await worker.record(normal)).queuePosition).toBe(0);
  });
});

describe("a slot is free again", () => {
  test("when the provider rejects the submit, while the request sleeps before its next attempt", async () => {
    const rejected: SubmitResult = { kind: "rejected", failure: failure(), retryAfterMs: 9000 };
    await withProvider({ submit: rejected });
    const [first, second] = await keep(2);
    expect(await run(first)).toEqual({ kind: "sleep", delayMs: 9000 });
    expect(await holders()).toEqual([]);
    await run(second);
    expect(submits()).toBe(2);
  });

  test("when the provider has rendered, although the output is not copied yet", async () => {
    const outputs = [{ url: "https://127.0.0.1:1/gone.mp4" }];
    await withProvider({ poll: { kind: "succeeded", outputs, withheld: 0, bill: null } });
    const [first] = await keep(1);
    await run(first);
    expect(await holders()).toEqual([first.id]);
    await run(first);
    expect(await worker.record(first)).toMatchObject({ status: "processing", rendered: { copyAttempts: 1 } });
    expect(await holders()).toEqual([]);
  });

  test("when there is no key for the provider any more", async () => {
    await withProvider({}, { apiKey: null });
    const [first] = await keep(1);
    await run(first);
    expect(await worker.record(first)).toMatchObject({ status: "failed" });
    expect(await holders()).toEqual([]);
  });

  test("not while a job may still run that nobody could stop: it keeps its slot for twice its usual time", async () => {
    await withProvider({ cancel: "requested", poll: { kind: "running", progress: 0.5 } });
    const [first, second] = await keep(2);
    await run(first);
    await worker.store.requests.applyTo(first, { name: "cancel_requested", at: T0 });
    expect(await run(first)).toEqual({ kind: "finish" });
    expect(await worker.record(first)).toMatchObject({ status: "failed", chargeState: "unknown" });
    expect(await holders()).toEqual([first.id]);
    await run(second);
    expect(submits()).toBe(1);
    worker.clock.advance(180_000);
    await sweep(worker.deps);
    expect(await holders()).toEqual([second.id]);
  });
});

describe("sweep", () => {
  test("frees the slots and places of requests that are gone, have ended or are rendered", async () => {
    await withProvider({}, { limits: { maxInFlight: 2 } });
    const [erased, ended, third] = await keep(3);
    const [gone] = await keep(1, { createdAt: T0 + 90 });
    for (const record of [erased, ended, third, gone]) await run(record);
    for (const record of [erased, gone]) await redis.del(worker.store.keys.request("acme", record.id));
    await worker.store.requests.applyTo(ended, { name: "failed", at: T0, failure: failure(), billedMicro: null });
    await sweep(worker.deps);
    expect([await holders(), await waiting()]).toEqual([[third.id], []]);
    await isWoken(third);
  });

  test("wakes a request whose wake-up was lost with its worker", async () => {
    await withProvider({});
    const [first, second] = await keep(2);
    for (const record of [first, second]) await run(record);
    await worker.store.pools.release(pool(), first);
    worker.clock.advance(Date.now() - T0);
    await tidyPools(worker.deps);
    expect(await queue.getJob(second.id)).toBeUndefined();
    worker.clock.advance(6000);
    await tidyPools(worker.deps);
    await isWoken(second);
  });

  test("counts the jobs at the provider that a restored Redis has no slots for", async () => {
    await withProvider({});
    const processing = await worker.keep(processingRecord({ providerRequestId: "job-x" }));
    // The first sweep postpones a request that no worker has started.
    for (const ms of [20_000, 40_000]) {
      worker.clock.advance(ms);
      await sweep(worker.deps);
    }
    expect(await holders()).toEqual([processing.id]);
  });
});

test("without limits no pool is kept", async () => {
  await withProvider({}, { limits: { maxInFlight: null } });
  const [first] = await keep(1);
  await run(first);
  expect(submits()).toBe(1);
  expect(await redis.keys("*pool*")).toEqual([]);
});

test("a worker that was killed holding a slot: the next wake-up goes on with it", async () => {
  await withProvider({});
  const [first, second] = await keep(2);
  const asked = { ...first, cost: 1, share: { weight: 1, maxInFlight: null } };
  await worker.store.pools.acquire(pool(), asked);
  await run(second);
  await run(first);
  expect(submits()).toBe(1);
  expect(await worker.record(first)).toMatchObject({ status: "processing" });
});

test("creates per second: the next one is woken when the rate allows it", async () => {
  await withProvider({}, { limits: { maxInFlight: null, createsPerSecond: 2 } });
  const [first, second, third] = await keep(3);
  for (const record of [first, second, third]) await run(record);
  expect(submits()).toBe(2);
  const began = Date.now();
  await expect.poll(async () => (await queue.getJob(third.id)) !== undefined, { timeout: 3000 }).toBe(true);
  expect(Date.now() - began).toBeGreaterThan(800);
  await run(third);
  expect(submits()).toBe(3);
});

test("creates per second: requests whose workers died keep the rate, although all of them have their slot", async () => {
  await withProvider({}, { limits: { maxInFlight: null, createsPerSecond: 2 } });
  const records = await keep(3);
  for (const record of records) await worker.store.pools.hold(pool(), record);
  await Promise.all(records.map(run));
  expect(submits()).toBe(2);
  const after = await Promise.all(records.map((record) => worker.record(record)));
  expect(after.map(({ status, attempts }) => `${status} ${attempts}`).toSorted()).toEqual([
    ...["pending 0", "processing 1", "processing 1"],
  ]);
});

test("creates per second: a submit whose answer takes long counts until a second after it surely arrived", async () => {
  let answer = (_result: SubmitResult) => {};
  const submit = () =>
    new Promise<SubmitResult>((resolve) => {
      answer = resolve;
    });
  await withProvider({ submit }, { limits: { maxInFlight: null, createsPerSecond: 1 } });
  const [first] = await keep(1);
  const done = run(first);
  const countsFor = async () => {
    const [, until] = await redis.zrange(worker.store.keys.slotCreates("fal"), "0", "0", "WITHSCORES");
    const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
    return Number(until) - seconds * 1000 - micros / 1000;
  };
  await expect.poll(countsFor, { interval: 10 }).toBeGreaterThan(4000);
  await expect.poll(countsFor, { interval: 10 }).toBeLessThan(1001);
  expect(submits()).toBe(1);
  // The late answer does not start its second again.
  await expect.poll(countsFor, { interval: 10 }).toBeLessThan(800);
  answer(accepted());
  await done;
  expect(await countsFor()).toBeLessThan(800);
});

test("an organization with a limit of its own leaves the other slots free", async () => {
  const shareOf = async (organization: string) => ({ weight: 1, maxInFlight: organization === "acme" ? 1 : null });
  await withProvider({}, { limits: { maxInFlight: 3 }, shareOf });
  const [first, second] = await keep(2);
  const [other] = await keep(1, { organization: "globex" });
  for (const record of [first, second, other]) await run(record);
  expect((await holders()).toSorted()).toEqual([first.id, other.id].toSorted());
});

test("metrics: how long requests waited", async () => {
  await withProvider({});
  const [first] = await keep(1);
  await run(first);
  const text = await worker.deps.metrics.registry.getSingleMetricAsString("visgate_slot_wait_seconds");
  expect(text).toContain('visgate_slot_wait_seconds_count{provider="fal"} 1');
});
