import type { PollResult, ProviderAdapter } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { pendingRecord, processingRecord, T0 } from "../../../../tests/support/records.js";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createWakeSignal } from "../../../../tests/support/signals.js";
import { createTestWorker, type TestWorker } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

let server: TestRedis;
let worker: TestWorker;
let calls: string[];
beforeAll(async () => {
  server = await startTestRedis();
});
afterEach(() => worker.close());
afterAll(() => server.stop());

const unavailable: PollResult = { kind: "unavailable", cause: "AbortError", retryAfterMs: 600_000 };
const running: PollResult = { kind: "running", progress: null };

async function withProvider({ submit, poll }: Pick<Partial<ProviderAdapter>, "submit" | "poll">) {
  calls = [];
  worker = await createTestWorker(server.url, {
    adapter: {
      ...(submit && { submit }),
      ...(poll && { poll }),
      async cancel() {
        calls.push("cancel");
        return "cancelled";
      },
    },
  });
}
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
const askToCancel = (record: RequestRecord) =>
  worker.store.requests.applyTo(record, { name: "cancel_requested", at: worker.clock.now() });

/** A provider that never answers; `asked()`: once it was asked. */
function hanging(answer: PollResult = unavailable) {
  const bell = createWakeSignal();
  const poll: ProviderAdapter["poll"] = (_job, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(answer), { once: true });
      bell.ring();
    });
  return { poll, asked: () => bell.rung(1) };
}

test("a look that hangs is called off soon after a cancel, which is then done without a wait", async () => {
  const { poll, asked } = hanging();
  await withProvider({ poll });
  const record = await worker.keep(processingRecord());
  const outcome = run(record);
  await asked();
  await askToCancel(record);
  expect(await outcome).toEqual({ kind: "sleep", delayMs: 1 });
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({ failure: { code: "CANCELLED" }, chargeState: "released" });
  expect(calls).toEqual(["cancel"]);
});

test("… and what it answers all the same counts: what is rendered is paid", async () => {
  const { poll, asked } = hanging({ kind: "succeeded", outputs: [], withheld: 0, bill: null });
  await withProvider({ poll });
  const record = await worker.keep(processingRecord({ copyOutput: false }));
  const outcome = run(record);
  await asked();
  await askToCancel(record);
  expect(await outcome).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({ status: "completed", chargeState: "charged" });
  expect(calls).toEqual([]);
});

test("a look that hangs is called off at the deadline", async () => {
  await withProvider({ poll: hanging().poll });
  const record = await worker.keep(processingRecord({ deadlineAt: T0 + 50 }));
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 1 });
  worker.clock.advance(50);
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({ failure: { code: "PROVIDER_TIMEOUT" }, chargeState: "released" });
});

test("a lost lock calls a look off too, which then is nobody's cancel", async () => {
  const { poll, asked } = hanging();
  await withProvider({ poll });
  const record = await worker.keep(processingRecord());
  const lock = new AbortController();
  const outcome = advanceRequest(worker.deps, record, lock.signal);
  await asked();
  lock.abort();
  expect(await outcome).toEqual({ kind: "sleep", delayMs: 600_000 });
});

test("a look that answers after the deadline is no reason to sleep: the request is given up on now", async () => {
  await withProvider({
    async poll() {
      worker.clock.advance(1000);
      return running;
    },
  });
  const record = await worker.keep(processingRecord({ deadlineAt: T0 + 1000 }));
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(calls).toEqual(["cancel"]);
});

test("a submit that was answered after the deadline is stopped at the provider now", async () => {
  await withProvider({
    async submit() {
      worker.clock.advance(1000);
      return { kind: "accepted", id: "job-9" };
    },
  });
  const record = await worker.keep(pendingRecord({ deadlineAt: T0 + 1000 }));
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(calls).toEqual(["cancel"]);
  expect(await worker.record(record)).toMatchObject({
    ...{ failure: { code: "PROVIDER_TIMEOUT" }, providerRequestId: "job-9", chargeState: "released" },
  });
});
