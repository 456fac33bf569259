import type { PollResult, SubmitResult } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { createSecrets } from "@visgate/shared/runtime";
import { describe, expect, test } from "vitest";
import {
  failure,
  intendedRecord,
  pendingRecord,
  processingRecord,
  renderedRecord,
  T0,
} from "../../../tests/support/records.js";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../../tests/support/scripted-provider.js";
import { type TestWorker, useTestWorkers, type WorkerOptions } from "../../../tests/support/worker.js";
import { advanceRequest } from "./advance-request.js";
import { pickStep } from "./pick-step.js";

const DEADLINE = T0 + 30 * 60_000;

describe("pickStep", () => {
  const asked = { cancelRequestedAt: T0 };
  test.each([
    { record: pendingRecord(), step: "submit" },
    { record: pendingRecord({ attempts: 3 }), step: "submit" },
    { record: pendingRecord(asked), step: "cancel" },
    { record: pendingRecord(), now: DEADLINE, step: "giveUp" },
    { record: pendingRecord(asked), now: DEADLINE, step: "cancel" },
    { record: intendedRecord(), step: "locate" },
    { record: intendedRecord(asked), step: "locate" },
    { record: intendedRecord(), now: DEADLINE, step: "locate" },
    { record: processingRecord(), step: "poll" },
    { record: processingRecord(), now: DEADLINE - 1, step: "poll" },
    { record: processingRecord(), now: DEADLINE, step: "giveUp" },
    { record: processingRecord(asked), step: "cancel" },
    { record: renderedRecord(), step: "finalize" },
    { record: renderedRecord(asked), step: "finalize" },
    { record: renderedRecord(), now: DEADLINE, step: "finalize" },
    { record: renderedRecord({ status: "completed" }), step: "notify" },
    { record: pendingRecord({ status: "failed", ...asked }), now: DEADLINE, step: "notify" },
    { record: intendedRecord({ status: "failed" }), step: "notify" },
  ])("a $record.status record gets $step", ({ record, now = T0, step }) => {
    expect(pickStep(record, now)).toBe(step);
  });
});

describe("advanceRequest", () => {
  const { openWorker } = useTestWorkers();
  let worker: TestWorker;
  let provider: ScriptedProvider;

  async function withProvider(script: Script, options: WorkerOptions = {}) {
    provider = createScriptedProvider(script);
    worker = await openWorker({ ...options, adapter: provider.adapter });
  }
  const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
  const accepted: SubmitResult = { kind: "accepted", id: "job-9" };

  test("submit: sends a new request once, then sleeps", async () => {
    await withProvider({ submit: accepted });
    const record = await worker.keep(pendingRecord());
    expect(await run(record)).toEqual({ kind: "sleep", delayMs: 500 });
    expect(provider.calls).toEqual(["submit the-server's-key"]);
    expect(await worker.record(record)).toMatchObject({
      status: "processing",
      providerRequestId: "job-9",
      attempts: 1,
      chargeState: "held",
    });
  });

  test("submit: sends once when 20 wake-ups run at the same time", async () => {
    await withProvider({ submit: accepted, poll: { kind: "running", progress: null } });
    const record = await worker.keep(pendingRecord());
    await Promise.all(Array.from({ length: 20 }, () => run(record)));
    expect(provider.calls.filter((call) => call.startsWith("submit"))).toHaveLength(1);
  });

  test("submit: stores the intent before it sends the POST", async () => {
    let duringSubmit: RequestRecord | null = null;
    const record = pendingRecord();
    await withProvider({
      submit: async () => {
        duringSubmit = await worker.record(record);
        return accepted;
      },
    });
    await worker.keep(record);
    await run(record);
    expect(duringSubmit).toMatchObject({
      intent: { attempt: 1, at: T0, token: expect.any(String) },
      attempts: 1,
      chargeState: "held",
    });
  });

  /** The first write of an intent is applied, but its answer is lost. The write is sent again after `meanwhile`. */
  function loseTheAnswer(meanwhile: () => Promise<unknown>) {
    const { store } = worker.deps;
    const apply: typeof store.requests.apply = async (known, transition) => {
      const first = await store.requests.apply(known, transition);
      if (transition.name !== "submit_intended" || first.kind !== "applied") return first;
      await meanwhile();
      return store.requests.apply(known, transition);
    };
    worker.deps.store = { ...store, requests: { ...store.requests, apply } };
  }

  test("submit: sends once when the write of the intent was sent twice", async () => {
    await withProvider({ submit: accepted });
    const record = await worker.keep(pendingRecord());
    loseTheAnswer(async () => {});
    expect((await run(record)).kind).toBe("sleep");
    expect(provider.calls).toHaveLength(1);
    expect((await worker.record(record)).providerRequestId).toBe("job-9");
  });

  test("submit: sends nothing when the request ended before the write of the intent was answered", async () => {
    await withProvider({ submit: accepted });
    const record = await worker.keep(pendingRecord());
    loseTheAnswer(() =>
      worker.store.requests.applyTo(record, { name: "failed", at: T0, failure: failure(), billedMicro: null }),
    );
    expect(await run(record)).toEqual({ kind: "finish" });
    expect(provider.calls).toEqual([]);
  });

  test("submit: tries a temporary rejection again as the next attempt, not sooner than the provider asks", async () => {
    const rejected: SubmitResult = {
      kind: "rejected",
      failure: failure({ code: "RATE_LIMIT_ERROR" }),
      retryAfterMs: 9000,
    };
    await withProvider({ submit: rejected });
    const record = await worker.keep(pendingRecord());
    expect(await run(record)).toEqual({ kind: "sleep", delayMs: 9000 });
    expect(await worker.record(record)).toMatchObject({
      status: "pending",
      intent: null,
      attempts: 1,
      chargeState: "none",
    });
    await run(record);
    expect((await worker.record(record)).attempts).toBe(2);
    expect(provider.calls).toHaveLength(2);
  });

  test("submit: fails at once when the next attempt would be after the deadline", async () => {
    await withProvider({ submit: { kind: "rejected", failure: failure(), retryAfterMs: 3_600_000 } });
    const record = await worker.keep(pendingRecord());
    expect(await run(record)).toEqual({ kind: "finish" });
    expect(await worker.record(record)).toMatchObject({ status: "failed", chargeState: "released", costMicro: 0 });
  });

  test("submit: the request fails when the provider rejects it for good", async () => {
    await withProvider({ submit: { kind: "rejected", failure: failure({ retryable: false }), retryAfterMs: null } });
    const record = await worker.keep(pendingRecord());
    expect(await run(record)).toEqual({ kind: "finish" });
    expect(provider.calls).toHaveLength(1);
  });

  test("submit: uses the request's copy of its organization's key, also when it was encrypted with an earlier secret", async () => {
    await withProvider({ submit: accepted });
    const record = pendingRecord({ mode: "byok", account: "organization" });
    await worker.keep(record, worker.deps.secrets.encrypt("stored-key", record.id));
    const rotated = { ...worker.deps, secrets: createSecrets("a newer secret", "a master secret for tests") };
    await advanceRequest(rotated, record, new AbortController().signal);
    expect(provider.calls).toEqual(["submit stored-key"]);
    expect(worker.log()).not.toContain("stored-key");
  });

  test("submit: uses the caller's own key for byok, and sends nothing without a usable key", async () => {
    await withProvider({ submit: accepted });
    const record = pendingRecord({ mode: "byok" });
    await worker.keep(record, worker.deps.secrets.encrypt("caller-key", record.id));
    await run(record);
    expect(provider.calls).toEqual(["submit caller-key"]);
    const moved = pendingRecord({ mode: "byok" });
    await worker.keep(moved, worker.deps.secrets.encrypt("caller-key", record.id));
    await run(moved);
    expect(provider.calls).toHaveLength(1);
    expect((await worker.record(moved)).failure?.code).toBe("PROVIDER_NOT_CONFIGURED");
    expect(worker.log()).not.toContain("caller-key");
  });

  test.each([
    { ageMs: 0, delayMs: 500 },
    { ageMs: 30_100, delayMs: 3000 },
    { ageMs: 600_000, delayMs: 5000 },
  ])("poll: asks about a render $ageMs ms old again after $delayMs ms", async ({ ageMs, delayMs }) => {
    await withProvider({ poll: { kind: "queued", position: 3 } });
    const record = await worker.keep(processingRecord());
    worker.clock.advance(ageMs);
    expect(await run(record)).toEqual({ kind: "sleep", delayMs });
    expect(provider.calls).toEqual(["poll fal-ai/veo3 job-1"]);
    expect((await worker.record(record)).queuePosition).toBe(3);
  });

  test.each([
    { isReachable: true, mode: "managed", reports: true },
    { isReachable: true, mode: "byok", reports: false },
    { isReachable: false, mode: "managed", reports: false },
  ] as const)(
    "submit: asks for a report: $reports (server reachable: $isReachable, $mode key)",
    async ({ isReachable, mode, reports }) => {
      await withProvider({ submit: accepted, poll: { kind: "running", progress: null } }, { isReachable });
      const record = pendingRecord({ mode });
      await worker.keep(record, worker.deps.secrets.encrypt("caller-key", record.id));
      const delayMs = reports ? 30_000 : 500;
      expect(await run(record)).toEqual({ kind: "sleep", delayMs });
      expect(await run(record)).toEqual({ kind: "sleep", delayMs });
      expect((await worker.record(record)).awaitsReport).toBe(reports);
      const url = `https://gateway.test/api/v1/provider-webhooks/fal/acme/${record.id}?signature=`;
      expect(provider.reportUrls.at(-1)).toEqual(reports ? expect.stringContaining(url) : null);
    },
  );

  test("poll: asks again after an unusable answer, not sooner than the provider asks", async () => {
    await withProvider({ poll: { kind: "unavailable", cause: "HTTP 500", retryAfterMs: 60_000 } });
    const record = await worker.keep(processingRecord());
    expect(await run(record)).toEqual({ kind: "sleep", delayMs: 60_000 });
    expect((await worker.record(record)).status).toBe("processing");
  });

  test("poll: fails a job that the provider has not known for a minute", async () => {
    await withProvider({ poll: { kind: "missing" } });
    const record = await worker.keep(processingRecord());
    expect((await run(record)).kind).toBe("sleep");
    worker.clock.advance(61_000);
    await run(record);
    expect(await worker.record(record)).toMatchObject({ status: "failed", chargeState: "unknown" });
  });

  test.each([
    { bill: null, costMicro: 2_400_000, costSource: "catalogue" },
    { bill: { units: 6 }, costMicro: 2_400_000, costSource: "provider" },
    { bill: { units: 4 }, costMicro: 1_600_000, costSource: "provider" },
    { bill: { micro: 123_456 }, costMicro: 123_456, costSource: "provider" },
  ])(
    "poll: a bill of $bill costs $costMicro micro-USD according to the $costSource",
    async ({ bill, costMicro, costSource }) => {
      await withProvider({
        poll: { kind: "succeeded", outputs: [{ url: "https://x.example.com/a" }], withheld: 0, bill },
      });
      const record = await worker.keep(processingRecord({ copyOutput: false }));
      expect(await run(record)).toEqual({ kind: "finish" });
      expect(await worker.record(record)).toMatchObject({
        ...{ status: "completed", costMicro, costSource, chargeState: "charged" },
        outputs: [{ kind: "remote", url: "https://x.example.com/a" }],
      });
    },
  );

  test("poll: sleeps at most until the deadline", async () => {
    await withProvider({ poll: { kind: "running", progress: null } });
    const record = await worker.keep(processingRecord({ deadlineAt: T0 + 10_300, startedAt: T0 - 3_600_000 }));
    worker.clock.advance(10_000);
    expect(await run(record)).toEqual({ kind: "sleep", delayMs: 300 });
  });

  test("poll: sleeps at most until the deadline, even when the provider asks for more", async () => {
    await withProvider({ poll: { kind: "unavailable", cause: "HTTP 429", retryAfterMs: 600_000 } });
    const record = await worker.keep(processingRecord({ deadlineAt: T0 + 10_300 }));
    expect(await run(record)).toEqual({ kind: "sleep", delayMs: 10_300 });
  });

  test("give up: cancels the job at the provider and fails with PROVIDER_TIMEOUT", async () => {
    await withProvider({ cancel: "requested", poll: { kind: "running", progress: null } });
    const record = await worker.keep(processingRecord());
    worker.clock.advance(30 * 60_000);
    await run(record);
    expect(provider.calls).toEqual(["cancel job-1", "poll fal-ai/veo3 job-1"]);
    expect(await worker.record(record)).toMatchObject({
      failure: { code: "PROVIDER_TIMEOUT" },
      chargeState: "unknown",
    });
  });

  test("give up: completes a job that had already finished, because it is paid for", async () => {
    const done: PollResult = {
      kind: "succeeded",
      outputs: [{ url: "https://x.example.com/a" }],
      withheld: 0,
      bill: { units: 6 },
    };
    await withProvider({ cancel: "too_late", poll: done });
    const record = await worker.keep(processingRecord({ copyOutput: false }));
    worker.clock.advance(12 * 3_600_000);
    await run(record);
    expect(await worker.record(record)).toMatchObject({ status: "completed", chargeState: "charged" });
  });

  test("give up: asks an unavailable provider again for a day", async () => {
    await withProvider({});
    const record = await worker.keep(processingRecord());
    worker.clock.advance(31 * 60_000);
    expect(await run(record)).toEqual({ kind: "sleep", delayMs: 5000 });
    worker.clock.advance(25 * 3_600_000);
    await run(record);
    expect(await worker.record(record)).toMatchObject({
      failure: { code: "PROVIDER_TIMEOUT" },
      chargeState: "unknown",
    });
  });

  test("poll: ignores a single 404 between good answers, no matter how old the render is", async () => {
    const answers: PollResult[] = [{ kind: "missing" }, { kind: "running", progress: null }, { kind: "missing" }];
    await withProvider({ poll: () => answers.shift() as PollResult });
    const record = await worker.keep(processingRecord());
    for (const missingSince of [expect.any(Number), null, expect.any(Number)]) {
      worker.clock.advance(120_000);
      expect((await run(record)).kind).toBe("sleep");
      expect(await worker.record(record)).toMatchObject({ status: "processing", missingSince });
    }
  });

  test("submit: cancels the job at the provider when the request ended before its id arrived", async () => {
    const record = pendingRecord();
    await withProvider({
      cancel: "cancelled",
      submit: async () => {
        await worker.store.requests.applyTo(record, { name: "failed", at: T0, failure: failure(), billedMicro: null });
        return accepted;
      },
    });
    await worker.keep(record);
    await run(record);
    expect(provider.calls).toEqual(["submit the-server's-key", "cancel job-9"]);
    expect((await worker.record(record)).providerRequestId).toBeNull();
  });

  test("a wake-up: finishes without a provider call when the request was erased or has ended", async () => {
    await withProvider({});
    expect(await run(pendingRecord())).toEqual({ kind: "finish" });
    const done = await worker.keep(renderedRecord({ status: "completed" }));
    expect(await run(done)).toEqual({ kind: "finish" });
    expect(provider.calls).toEqual([]);
  });
});
