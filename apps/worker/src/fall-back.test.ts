import type { PollResult, SubmitResult } from "@visgate/providers";
import type { Fallback, RequestRecord, Transition } from "@visgate/shared/request";
import { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, fallbackOf, intent, pendingRecord, processingRecord } from "../../../tests/support/records.js";
import { createScriptedProvider, type Script } from "../../../tests/support/scripted-provider.js";
import { type TestWorker, useTestWorkers, type WorkerOptions } from "../../../tests/support/worker.js";
import { advanceRequest } from "./advance-request.js";
import { sweep } from "./upkeep/sweep.js";

const { openWorker, server } = useTestWorkers();
beforeEach(async () => {
  const redis = new Redis(server.url);
  await redis.flushall();
  redis.disconnect();
});

const SECOND = "replicate/google/veo-3";
const accepted: SubmitResult = { kind: "accepted", id: "job-9" };
const refused: SubmitResult = { kind: "rejected", failure: failure({ code: "RATE_LIMIT_ERROR" }), retryAfterMs: 9000 };
const failed = (charged: boolean | null): PollResult => ({ kind: "failed", failure: failure({ charged }), bill: null });

/** A worker with two providers, and what they answer. */
async function openBoth(first: Script, second: Script, options: WorkerOptions = {}) {
  const providers = [createScriptedProvider(first), createScriptedProvider(second)] as const;
  const worker = await openWorker({ ...options, adapter: providers[0].adapter });
  const fal = worker.deps.providers.get("fal");
  if (fal === undefined) throw new Error("the worker has a provider");
  const replicate = { ...fal, apiKey: "the-second-key", adapter: { ...fal.adapter, ...providers[1].adapter } };
  worker.deps.providers = new Map([...worker.deps.providers, ["replicate", replicate]]);
  const run = (record: RequestRecord, queue?: string) =>
    advanceRequest(worker.deps, record, new AbortController().signal, queue);
  return { worker, run, first: providers[0].calls, second: providers[1].calls };
}

const withFallback = (fallback: Fallback = fallbackOf(SECOND)) => pendingRecord({ fallback });
const waitingIn = async (worker: TestWorker, queue: string) => (await worker.store.outbox.counts(queue)).waiting;

test("a submit that is refused for now goes to the next model at once, in the queue of its provider", async () => {
  const { worker, run, first, second } = await openBoth({ submit: refused }, { submit: accepted });
  const record = await worker.keep(withFallback());
  expect(await run(record, "fal")).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({ model: SECOND, provider: "replicate", status: "pending" });
  expect(await waitingIn(worker, "replicate")).toBe(1);
  expect((await run(record, "replicate")).kind).toBe("sleep");
  expect([first, second]).toEqual([["submit the-server's-key"], ["submit the-second-key"]]);
});

test("the last model waits until the provider takes the submit again", async () => {
  const { worker, run } = await openBoth({ submit: refused }, { submit: refused });
  const record = await worker.keep(withFallback());
  await run(record, "fal");
  expect(await run(record, "replicate")).toEqual({ kind: "sleep", delayMs: 9000 });
  expect(await worker.record(record)).toMatchObject({ status: "pending", attempts: 2, model: SECOND });
});

test("a job that failed unpaid goes to the next model, and the request stays processing", async () => {
  const { worker, run } = await openBoth({ poll: failed(false) }, { submit: accepted });
  const record = await worker.keep(processingRecord({ fallback: fallbackOf(SECOND) }));
  await run(record, "fal");
  expect(await worker.record(record)).toMatchObject({ status: "processing", provider: "replicate", intent: null });
  await run(record, "replicate");
  expect(await worker.record(record)).toMatchObject({ status: "processing", providerRequestId: "job-9", attempts: 2 });
});

test.each([
  { what: "a job of which nobody knows whether it is billed", poll: failed(null), charge: "unknown" },
  { what: "a job that is billed", poll: failed(true), charge: "charged" },
])("$what ends the request", async ({ poll, charge }) => {
  const { worker, run, second } = await openBoth({ poll }, { submit: accepted });
  const record = await worker.keep(processingRecord({ fallback: fallbackOf(SECOND) }));
  await run(record, "fal");
  expect(await worker.record(record)).toMatchObject({ status: "failed", chargeState: charge, provider: "fal" });
  expect(second).toEqual([]);
});

test("a submit with an unknown outcome is searched for, and no other model is tried", async () => {
  const unknown: SubmitResult = { kind: "unknown", cause: "no answer" };
  const script: Script = {
    submit: unknown,
    locate: { kind: "cannot_tell", cause: "no list", isFinal: true, retryAfterMs: null },
  };
  const { worker, run, second } = await openBoth(script, { submit: accepted });
  const record = await worker.keep(withFallback());
  await run(record, "fal");
  worker.clock.advance(200_000);
  await run(record, "fal");
  expect(await worker.record(record)).toMatchObject({ status: "failed", failure: { code: "SUBMIT_UNKNOWN" } });
  expect(second).toEqual([]);
});

test("two workers that see the same failure: one model is left, and the next one is not skipped", async () => {
  const third = fallbackOf(SECOND, "runway/gen4.5");
  const { worker, run } = await openBoth({ poll: failed(false) }, { submit: accepted });
  const record = await worker.keep(processingRecord({ fallback: third }));
  await Promise.all(Array.from({ length: 10 }, () => run(record, "fal")));
  const after = await worker.record(record);
  expect(after.provider).toBe("replicate");
  expect(after.fallback?.tried).toHaveLength(1);
});

test("what was seen of the model before is not written to the next one", async () => {
  const { worker } = await openBoth({}, {});
  const record = await worker.keep(processingRecord({ fallback: fallbackOf(SECOND) }));
  const seen = await worker.store.requests.get(record);
  if (seen === null) throw new Error("it is stored");
  await worker.store.requests.apply(seen, {
    name: "fell_back",
    at: worker.clock.now(),
    attempt: 1,
    failure: failure(),
  });
  const late = {
    name: "rendered",
    at: 0,
    outputs: [],
    withheld: 0,
    costMicro: 5,
    costSource: null,
  } satisfies Transition;
  expect((await worker.store.requests.apply(seen, late)).kind).toBe("stale");
  const gone = { name: "failed", at: 0, failure: failure(), billedMicro: null } as const;
  expect((await worker.store.requests.apply(seen, gone)).kind).toBe("stale");
  expect((await worker.store.requests.apply(seen, { name: "cancel_requested", at: 0 })).kind).toBe("applied");
});

test("a failure that was seen before another worker's submit does not leave that submit alone", async () => {
  const { worker } = await openBoth({}, {});
  const record = await worker.keep(withFallback());
  const seen = await worker.store.requests.get(record);
  if (seen === null) throw new Error("it is stored");
  const at = worker.clock.now();
  await worker.store.requests.apply(seen, { name: "submit_intended", intent: intent({ at }), awaitsReport: false });
  const fellBack = { name: "fell_back", at, attempt: 0, failure: failure() } as const;
  expect((await worker.store.requests.apply(seen, fellBack)).kind).toBe("stale");
});

test("when its process dies before the push, the sweeper makes a job in the queue of the next provider", async () => {
  const { worker } = await openBoth({}, {});
  const record = await worker.keep(processingRecord({ fallback: fallbackOf(SECOND) }));
  const fellBack = { name: "fell_back", at: worker.clock.now(), attempt: 1, failure: failure() } as const;
  await worker.store.requests.applyTo(record, fellBack);
  worker.clock.advance(11_000);
  await sweep(worker.deps);
  const counts = await worker.deps.producer.counts("replicate");
  expect((counts["waiting"] ?? 0) + (counts["delayed"] ?? 0)).toBe(1);
});

test("a wake-up in the queue of the provider before passes the request on", async () => {
  const { worker, run, second } = await openBoth({}, { submit: accepted });
  const record = await worker.keep(withFallback());
  const fellBack = { name: "fell_back", at: worker.clock.now(), attempt: 0, failure: failure() } as const;
  await worker.store.requests.applyTo(record, fellBack);
  expect(await run(record, "fal")).toEqual({ kind: "finish" });
  expect(second).toEqual([]);
  expect(await waitingIn(worker, "replicate")).toBe(1);
});

test("equal calls that follow the request are woken in the queue in which they wait", async () => {
  const { worker, run } = await openBoth({}, {});
  const cache = { hash: "h", reason: "miss", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 } as const;
  const leader = await worker.keep(pendingRecord({ cache, fallback: fallbackOf(SECOND) }));
  const joined = { ...cache, reason: "joined", leaderId: leader.id } as const;
  const follower = await worker.keep(pendingRecord({ cache: joined, heldMicro: 0, fallback: fallbackOf(SECOND) }));
  await worker.deps.producer.wakeRequest("fal", follower, 60_000);
  const at = worker.clock.now();
  await worker.store.requests.applyTo(leader, { name: "fell_back", at, attempt: 0, failure: failure() });
  await worker.store.requests.applyTo(leader, { name: "failed", at, failure: failure(), billedMicro: null });
  await run(leader, "replicate");
  expect(await worker.deps.producer.counts("fal")).toMatchObject({ waiting: 1, delayed: 0 });
});

test("money: the hold moves with the request, and usage counts it under its new model", async () => {
  const { worker } = await openBoth({}, {});
  const { ledger } = worker.store;
  const day = "2026-01-01";
  const before = await ledger.balance("acme");
  const counted = await ledger.counter("acme", "models:2026-01");
  const record = await worker.keep(withFallback());
  await worker.store.requests.applyTo(record, {
    ...{ name: "fell_back", at: worker.clock.now(), attempt: 0, failure: failure() },
  });
  expect((await ledger.balance("acme")).heldMicro - before.heldMicro).toBe(7);
  const after = await ledger.counter("acme", "models:2026-01");
  const rise = (field: string) => (after.get(field) ?? 0) - (counted.get(field) ?? 0);
  expect(rise(`${day}|fal|${record.model}`)).toBe(0);
  expect(rise(`${day}|replicate|${SECOND}`)).toBe(1);
});

test.each([
  { what: "no room for the next model", limitMicro: 6, ends: { status: "failed", provider: "fal" } },
  { what: "room once the money of the model before is free", limitMicro: 7, ends: { provider: "replicate" } },
])("a budget with $what", async ({ limitMicro, ends }) => {
  const { worker, run } = await openBoth({ poll: failed(false) }, {});
  const apiKeyId = `key_${limitMicro}`;
  const record = await worker.keep(processingRecord({ apiKeyId, fallback: fallbackOf(SECOND) }));
  const audit = { action: "budget.set", by: { kind: "admin" }, at: 0, target: "x", details: {} } as const;
  await worker.store.budgets.set("acme", { subject: `key:${apiKeyId}`, period: "day", limitMicro }, audit);
  await run(record, "fal");
  expect(await worker.record(record)).toMatchObject(ends);
  if (ends.status !== undefined) {
    expect((await worker.record(record)).failure).toMatchObject({ code: "PROVIDER_ERROR" });
  }
});

test("the slot of the model before is free for others", async () => {
  const { worker, run } = await openBoth({ submit: refused }, { submit: accepted }, { limits: { maxInFlight: 1 } });
  const record = await worker.keep(withFallback());
  await run(record, "fal");
  expect(await worker.store.pools.holders({ account: "fal" })).toEqual([]);
  await run(record, "replicate");
  expect(await worker.store.pools.holders({ account: "replicate" })).toHaveLength(1);
});

test("each model is called with the key of its provider", async () => {
  const { worker, run, second } = await openBoth({ submit: refused }, { submit: accepted });
  const fallback = fallbackOf(SECOND);
  const [alternative] = fallback.alternatives;
  if (alternative !== undefined) alternative.account = "caller";
  const record = withFallback(fallback);
  const keys = worker.deps.secrets.encrypt(JSON.stringify({ replicate: "the-caller's-key" }), record.id);
  await worker.keep(record, keys);
  await run(record, "fal");
  await run(record, "replicate");
  expect(second).toEqual(["submit the-caller's-key"]);
  expect(await worker.record(record)).toMatchObject({ mode: "byok", account: "caller" });
});

describe("a model that fails several times in a row", () => {
  const broken: PollResult = failed(false);

  /** So many requests without a fallback fail, and the worker writes what it saw. */
  async function afterFailures(count: number, poll = broken) {
    let jobs = 0;
    const submit = (): SubmitResult => ({ kind: "accepted", id: `made-${jobs++}` });
    const both = await openBoth({ poll, submit }, { submit });
    const { worker, run } = both;
    for (let failure = 0; failure < count; failure += 1) {
      await run(await worker.keep(processingRecord({ providerRequestId: `job-${failure}` })), "fal");
    }
    await worker.deps.health.close();
    return both;
  }

  test("is skipped by requests that can use another one, at once and without a submit", async () => {
    const { worker, run, first } = await afterFailures(5);
    const record = await worker.keep(withFallback());
    await run(record, "fal");
    const { provider, attempts, fallback } = await worker.record(record);
    expect([provider, attempts]).toEqual(["replicate", 0]);
    expect(fallback?.tried).toMatchObject([{ skipped: true, chargeState: "none", lastAttempt: 0 }]);
    expect(first.filter((call) => call.startsWith("submit"))).toEqual([]);
  });

  test("is used by requests without another one, and by their last model", async () => {
    const { worker, run, first } = await afterFailures(5);
    await run(await worker.keep(pendingRecord()), "fal");
    await run(await worker.keep(withFallback({ alternatives: [], tried: [] })), "fal");
    expect(first.filter((call) => call.startsWith("submit"))).toHaveLength(2);
  });

  test.each([
    { what: "fewer failures", count: 4, poll: broken },
    {
      what: "refusals by the content policy",
      count: 9,
      poll: { ...broken, failure: failure({ code: "CONTENT_POLICY_VIOLATION" }) } as PollResult,
    },
  ])("is not skipped after $what", async ({ count, poll }) => {
    const { worker, run } = await afterFailures(count, poll);
    const record = await worker.keep(withFallback());
    await run(record, "fal");
    expect((await worker.record(record)).provider).toBe("fal");
  });

  test("is tried again a minute later", async () => {
    const { worker, run } = await afterFailures(5);
    worker.clock.advance(61_000);
    const record = await worker.keep(withFallback());
    await run(record, "fal");
    expect((await worker.record(record)).provider).toBe("fal");
  });
});
