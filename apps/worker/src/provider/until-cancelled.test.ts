import type { PollResult, ProviderAdapter } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { expect, test } from "vitest";
import { pendingRecord, processingRecord, T0 } from "../../../../tests/support/records.js";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;
let calls: string[];

const unavailable: PollResult = { kind: "unavailable", cause: "AbortError", retryAfterMs: 600_000 };
const running: PollResult = { kind: "running", progress: null };

async function withProvider({ submit, poll }: Pick<Partial<ProviderAdapter>, "submit" | "poll">) {
  calls = [];
  worker = await openWorker({
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

/** A provider that gives `answer` only when it is aborted. `asked()` resolves when it was asked. */
function hanging(answer: PollResult = unavailable) {
  const polled = createTestSignal();
  const poll: ProviderAdapter["poll"] = (_job, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(answer), { once: true });
      polled.fire();
    });
  return { poll, asked: () => polled.reached(1) };
}

test("poll: a poll that hangs is aborted soon after a cancel, and the cancel is carried out at once", async () => {
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

test("poll: an answer that still arrives after a cancel counts, because the render is paid for", async () => {
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

test("poll: a poll that hangs is aborted at the deadline", async () => {
  await withProvider({ poll: hanging().poll });
  const record = await worker.keep(processingRecord({ deadlineAt: T0 + 50 }));
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 1 });
  worker.clock.advance(50);
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(await worker.record(record)).toMatchObject({ failure: { code: "PROVIDER_TIMEOUT" }, chargeState: "released" });
});

test("poll: a lost lock aborts the poll without counting as a cancel", async () => {
  const { poll, asked } = hanging();
  await withProvider({ poll });
  const record = await worker.keep(processingRecord());
  const lock = new AbortController();
  const outcome = advanceRequest(worker.deps, record, lock.signal);
  await asked();
  lock.abort();
  expect(await outcome).toEqual({ kind: "sleep", delayMs: 600_000 });
});

test("poll: an answer after the deadline makes the request give up at once instead of sleeping", async () => {
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

test("submit: a job accepted after the deadline is cancelled at the provider at once", async () => {
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
