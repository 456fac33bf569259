import type { Bill, CancelResult, LocateResult, PollResult, SubmitResult } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { describe, expect, test } from "vitest";
import { failure, pendingRecord, processingRecord, renderedRecord, T0 } from "../../../../tests/support/records.js";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../../../tests/support/scripted-provider.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;
let provider: ScriptedProvider;

async function withProvider(script: Script) {
  const noList: LocateResult = { kind: "cannot_tell", cause: "no list", isFinal: true, retryAfterMs: null };
  provider = createScriptedProvider({ locate: noList, ...script });
  worker = await openWorker({ adapter: provider.adapter });
}
const cancels = () => provider.calls.filter((call) => call.startsWith("cancel"));
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);

/** Requests a cancel during the submit, which gets `answer`; returns the record of the ended request. */
async function cancelDuringSubmit(answer: SubmitResult, script: Script = {}): Promise<RequestRecord> {
  const record = pendingRecord();
  const submit = async () => {
    await worker.store.requests.applyTo(record, { name: "cancel_requested", at: T0 });
    return answer;
  };
  await withProvider({ submit, ...script });
  await worker.keep(record);
  expect(await run(record)).toEqual({ kind: "finish" });
  return worker.record(record);
}

const stopped = (charged: boolean | null, bill: Bill | null): PollResult => {
  return { kind: "failed", failure: { code: "CANCELLED", message: "stopped", retryable: false, charged }, bill };
};
const BILLED = { charge: "charged", cost: 70_000, source: "provider" };
const UNKNOWN = { charge: "unknown", cost: 0, source: null };

describe.each([
  { why: "a cancel", fields: { cancelRequestedAt: T0 }, code: "CANCELLED" },
  { why: "the deadline", fields: { deadlineAt: T0 }, code: "PROVIDER_TIMEOUT" },
])("a job that is stopped by $why", ({ fields, code }) => {
  test.each<{ answer: CancelResult; poll?: PollResult; charge: string; cost: number; source: string | null }>([
    { answer: "cancelled", charge: "released", cost: 0, source: null },
    { answer: "requested", poll: stopped(true, { micro: 70_000 }), ...BILLED },
    { answer: "requested", poll: stopped(false, { micro: 0 }), charge: "released", cost: 0, source: null },
    { answer: "requested", poll: stopped(null, null), ...UNKNOWN },
    { answer: "requested", poll: { kind: "running", progress: 0.5 }, ...UNKNOWN },
    { answer: "requested", poll: { kind: "missing" }, ...UNKNOWN },
    { answer: "requested", poll: { kind: "unavailable", cause: "HTTP 500", retryAfterMs: null }, ...UNKNOWN },
    { answer: "unsupported", ...UNKNOWN },
  ])("is $charge when the provider answers `$answer`, then $poll", async ({ answer, poll, charge, cost, source }) => {
    await withProvider({ cancel: answer, ...(poll && { poll }) });
    const record = await worker.keep(processingRecord(fields));
    await run(record);
    expect(await worker.record(record)).toMatchObject({
      ...{ status: "failed", failure: { code }, chargeState: charge, costMicro: cost, costSource: source },
      heldMicro: charge === "unknown" ? record.heldMicro : 0,
    });
    expect(cancels()).toHaveLength(1);
  });

  test("completes when it turns out to have finished, because it is paid for", async () => {
    const rendered: PollResult = { kind: "succeeded", outputs: [], withheld: 0, bill: { micro: 70_000 } };
    await withProvider({ cancel: "requested", poll: rendered });
    const record = await worker.keep(processingRecord({ ...fields, copyOutput: false }));
    await run(record);
    expect(await worker.record(record)).toMatchObject({
      ...{ status: "completed", chargeState: "charged", costMicro: 70_000, costSource: "provider" },
    });
  });
});

test("cancel: asks no provider and charges nothing when nothing was sent", async () => {
  await withProvider({});
  const record = await worker.keep(pendingRecord({ cancelRequestedAt: T0 }));
  await run(record);
  expect(cancels()).toEqual([]);
  expect(await worker.record(record)).toMatchObject({ failure: { code: "CANCELLED" }, chargeState: "none" });
});

test("cancel: completes the request when the job had already finished", async () => {
  await withProvider({ cancel: "too_late", poll: { kind: "succeeded", outputs: [], withheld: 0, bill: null } });
  const record = await worker.keep(processingRecord({ cancelRequestedAt: T0, copyOutput: false }));
  await run(record);
  expect((await worker.record(record)).status).toBe("completed");
});

test("cancel: is repeated for a minute when the provider cannot be asked, then ends with chargeState unknown", async () => {
  await withProvider({});
  const record = await worker.keep(processingRecord({ cancelRequestedAt: T0 }));
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 2000 });
  worker.clock.advance(60_001);
  await run(record);
  expect(await worker.record(record)).toMatchObject({ failure: { code: "CANCELLED" }, chargeState: "unknown" });
  expect(cancels()).toHaveLength(2);
});

test("cancel during the submit: an accepted job is cancelled in the same wake-up", async () => {
  const ended = await cancelDuringSubmit({ kind: "accepted", id: "job-9" }, { cancel: "cancelled" });
  expect(cancels()).toEqual(["cancel job-9"]);
  expect(ended).toMatchObject({
    ...{ failure: { code: "CANCELLED" }, providerRequestId: "job-9", chargeState: "released" },
  });
});

test("cancel during the submit: a rejected submit is not tried again", async () => {
  const ended = await cancelDuringSubmit({ kind: "rejected", failure: failure(), retryAfterMs: 9000 });
  expect(cancels()).toEqual([]);
  expect(ended).toMatchObject({ failure: { code: "CANCELLED" }, attempts: 1, chargeState: "none", costMicro: 0 });
});

test("cancel during the submit: an unknown outcome still ends with chargeState unknown", async () => {
  const ended = await cancelDuringSubmit({ kind: "unknown", cause: "reset" });
  expect(cancels()).toEqual([]);
  expect(ended).toMatchObject({ failure: { code: "SUBMIT_UNKNOWN" }, chargeState: "unknown" });
});

test("cancel: a rendered request completes without a call to the provider, because it is paid for", async () => {
  await withProvider({});
  const record = await worker.keep(renderedRecord({ cancelRequestedAt: T0, copyOutput: false }));
  await run(record);
  expect(cancels()).toEqual([]);
  expect(await worker.record(record)).toMatchObject({ status: "completed", chargeState: "charged" });
});
