import type { Candidate, LocateResult, SubmitResult } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { expect, test } from "vitest";
import { intendedRecord, intent, pendingRecord, T0 } from "../../../../tests/support/records.js";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../../../tests/support/scripted-provider.js";
import { type TestWorker, useTestWorkers, type WorkerOptions } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

const LOCATE_MS = 120_000;
const SUBMIT_MS = 30_000;
const { openWorker } = useTestWorkers();
let worker: TestWorker;
let provider: ScriptedProvider;

async function withProvider(script: Script, options: WorkerOptions = {}) {
  provider = createScriptedProvider({ poll: { kind: "running", progress: 0.1 }, cancel: "cancelled", ...script });
  worker = await openWorker({
    settings: { locateMs: LOCATE_MS, submitTimeoutMs: SUBMIT_MS },
    ...options,
    adapter: provider.adapter,
  });
}
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
const UNKNOWN: SubmitResult = { kind: "unknown", cause: "reset" };
const NO_LIST: LocateResult = { kind: "cannot_tell", cause: "no list", isFinal: true, retryAfterMs: null };
const AWAY: LocateResult = { kind: "cannot_tell", cause: "HTTP 500", isFinal: false, retryAfterMs: null };
const found = (first: Partial<Candidate> = {}, ...others: Partial<Candidate>[]): LocateResult => ({
  kind: "found",
  candidates: [first, ...others].map((candidate) => ({ id: "job-7", createdAt: T0, isCertain: true, ...candidate })),
});
const submits = () => provider.calls.filter((call) => call.startsWith("submit")).length;
/** How a request ends whose job was not found. */
const NOT_FOUND = { status: "failed", failure: { code: "SUBMIT_UNKNOWN", retryable: false }, chargeState: "unknown" };

/** Runs a request until its submit was lost and one search for its job was made. */
async function lost(script: Script = {}, options: WorkerOptions = {}, overrides: Partial<RequestRecord> = {}) {
  await withProvider({ submit: UNKNOWN, ...script }, options);
  const record = await worker.keep(pendingRecord(overrides));
  await run(record);
  return record;
}

test("locate: searches at once, and continues as usual when the job is found", async () => {
  const record = await lost({ locate: found() });
  expect(provider.calls).toEqual(["submit the-server's-key", "locate", "poll fal-ai/veo3 job-7"]);
  expect(await worker.record(record)).toMatchObject({
    ...{ status: "processing", providerRequestId: "job-7", chargeState: "held", search: null },
  });
});

test("locate: asks the provider for the body that was sent, and when", async () => {
  await lost({ locate: { kind: "absent" } }, { isReachable: true });
  expect(provider.located).toMatchObject([
    {
      ...{ endpoint: "fal-ai/veo3", body: { prompt: expect.any(String), duration: "6s" }, sentAt: T0 },
      reportUrl: expect.stringMatching(/^https:\/\/gateway\.test\//),
    },
  ]);
});

test("locate: the request is open with chargeState unknown, and its time line says `locating`", async () => {
  const record = await lost({ locate: { kind: "absent" } });
  expect(await worker.record(record)).toMatchObject({
    ...{ status: "pending", chargeState: "unknown", search: { since: T0, until: T0 + LOCATE_MS, submitEnded: true } },
  });
  expect((await worker.store.timeline.changes(record)).map(({ name }) => name)).toEqual(["locating"]);
});

test("locate: searches for an absent job as long as configured, never sends it again, and ends SUBMIT_UNKNOWN", async () => {
  const record = await lost({ locate: { kind: "absent" } });
  let searches = 1;
  for (let outcome = await run(record); outcome.kind === "sleep"; outcome = await run(record)) {
    expect(outcome.delayMs).toBeGreaterThanOrEqual(1);
    expect(outcome.delayMs).toBeLessThanOrEqual(10_000);
    worker.clock.advance(outcome.delayMs);
    searches += 1;
  }
  expect(searches).toBeGreaterThan(10);
  expect(worker.clock.now()).toBeGreaterThanOrEqual(T0 + LOCATE_MS);
  expect(submits()).toBe(1);
  expect(await worker.record(record)).toMatchObject(NOT_FOUND);
});

test("locate: searches at least as long as a render usually takes when a report may arrive", async () => {
  const record = await lost({ locate: { kind: "absent" } }, { isReachable: true, settings: { locateMs: 1000 } });
  const usualMs = (worker.deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  expect((await worker.record(record)).search?.until).toBe(T0 + 2 * usualMs);
});

test("locate: ends the search at the deadline of the request", async () => {
  const record = await lost({ locate: { kind: "absent" } }, {}, { deadlineAt: T0 + 5000 });
  expect((await worker.record(record)).search?.until).toBe(T0 + 5000);
});

test("locate: ends at once when the provider has no list, unless a report may still arrive", async () => {
  const unheard = await lost({ locate: NO_LIST });
  expect(await worker.record(unheard)).toMatchObject(NOT_FOUND);
  const reported = await lost({ locate: NO_LIST }, { isReachable: true });
  expect(await worker.record(reported)).toMatchObject({ status: "pending", chargeState: "unknown" });
});

test("locate: does not fail before the submit's time limit when its process may only be slow", async () => {
  await withProvider({ locate: NO_LIST }, { isGone: async () => true });
  const record = await worker.keep(intendedRecord({ intent: intent({ at: T0, leaseId: "stopped" }) }));
  worker.clock.advance(3000);
  expect((await run(record)).kind).toBe("sleep");
  expect(await worker.record(record)).toMatchObject({ status: "pending", search: { submitEnded: false } });
  worker.clock.advance(SUBMIT_MS + 2000);
  await run(record);
  expect(await worker.record(record)).toMatchObject(NOT_FOUND);
});

test("locate: waits for a listed job that may not be claimed yet, also beyond the end of the search", async () => {
  const record = await lost({ locate: found({ isCertain: false, createdAt: T0 }) }, { settings: { locateMs: 1000 } });
  worker.clock.advance(2000);
  expect((await run(record)).kind).toBe("sleep");
  worker.clock.advance(SUBMIT_MS + 3000);
  await run(record);
  expect(await worker.record(record)).toMatchObject({ status: "processing", providerRequestId: "job-7" });
});

test("locate: releases a claim that it did not use", async () => {
  let ref = pendingRecord();
  await withProvider({ submit: UNKNOWN, locate: () => found({ id: "job-2" }) });
  const { claim } = worker.deps.store.providerJobs;
  worker.deps.store.providerJobs.claim = async (...args) => {
    // The provider's report comes first.
    await worker.store.requests.applyTo(ref, {
      name: "submit_accepted",
      at: T0,
      attempt: 1,
      providerRequestId: "job-1",
    });
    return claim(...args);
  };
  ref = await worker.keep(ref);
  await run(ref);
  expect((await worker.record(ref)).providerRequestId).toBe("job-1");
  expect(await claim("fal", "job-2", { organization: "acme", id: "another" })).toBe(true);
});

test("locate: reads an unavailable list again, not sooner than the provider asks", async () => {
  const record = await lost({ locate: { ...AWAY, retryAfterMs: 42_000 } as LocateResult });
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 42_000 });
});

test("locate: stores a cancel during the search, and carries it out when the job is found", async () => {
  let result: LocateResult = { kind: "absent" };
  const record = await lost({ locate: () => result });
  await worker.store.requests.applyTo(record, { name: "cancel_requested", at: T0 });
  expect((await run(record)).kind).toBe("sleep");
  result = found();
  await run(record);
  expect(provider.calls.at(-1)).toBe("cancel job-7");
  expect(await worker.record(record)).toMatchObject({ status: "failed", failure: { code: "CANCELLED" } });
});

test("locate: leaves the intent of a living process alone until the submit's time limit", async () => {
  await withProvider({ locate: found() }, { isGone: async () => false });
  const record = await worker.keep(intendedRecord({ intent: intent({ at: T0 }) }));
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 1000 });
  worker.clock.advance(SUBMIT_MS + 4999);
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 1 });
  worker.clock.advance(1);
  await run(record);
  expect(provider.calls).toEqual(["locate", "poll fal-ai/veo3 job-7"]);
});

test("locate: searches at once for a dead process's job, unless its POST may still be sent", async () => {
  await withProvider({ locate: found() }, { isGone: async (leaseId) => leaseId === "dead" });
  const record = await worker.keep(intendedRecord({ intent: intent({ at: T0, leaseId: "dead" }) }));
  worker.clock.advance(2000);
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 1000 });
  expect(provider.calls).toEqual([]);
  worker.clock.advance(1);
  await run(record);
  expect(provider.calls).toEqual(["locate", "poll fal-ai/veo3 job-7"]);
});

test("submit: sends nothing for an intent when the process paused too long before the POST", async () => {
  await withProvider({ submit: { kind: "accepted", id: "job-9" } });
  const { requests } = worker.deps.store;
  const { apply } = requests;
  let paused = false;
  requests.apply = async (known, transition) => {
    const applied = await apply(known, transition);
    if (transition.name === "submit_intended" && !paused) {
      paused = true;
      worker.clock.advance(2001);
      expect(submits()).toBe(0);
    }
    return applied;
  };
  const record = await worker.keep(pendingRecord());
  await run(record);
  expect(submits()).toBe(1);
  expect(await worker.record(record)).toMatchObject({ status: "processing", attempts: 2 });
});

test("submit: the answer of a slow submit counts, even when the search has begun", async () => {
  const record = pendingRecord();
  await withProvider({
    submit: async () => {
      await worker.store.requests.applyTo(record, {
        name: "submit_lost",
        at: T0,
        attempt: 1,
        until: T0 + LOCATE_MS,
        submitEnded: true,
      });
      return { kind: "accepted", id: "job-9" };
    },
  });
  await worker.keep(record);
  await run(record);
  expect(await worker.record(record)).toMatchObject({ status: "processing", providerRequestId: "job-9", search: null });
});

test("locate: takes a job with equal input only when no submit that could have made it is under way", async () => {
  const record = await lost({ locate: found({ isCertain: false, createdAt: T0 + 1000 }) });
  expect(await worker.record(record)).toMatchObject({ status: "pending" });
  worker.clock.advance(1000 + SUBMIT_MS + 4999);
  await run(record);
  expect(await worker.record(record)).toMatchObject({ status: "pending" });
  worker.clock.advance(1);
  await run(record);
  expect(await worker.record(record)).toMatchObject({ status: "processing", providerRequestId: "job-7" });
});

test("locate: two equal requests with lost submits never take the same job", async () => {
  const jobs = found({ id: "job-1", isCertain: false }, { id: "job-2", isCertain: false });
  const first = await lost({ locate: jobs });
  const second = await worker.keep(pendingRecord());
  const third = await worker.keep(pendingRecord());
  for (const each of [second, third]) await run(each);
  worker.clock.advance(SUBMIT_MS + 5000);
  await Promise.all([first, second, third].map(run));
  const records = await Promise.all([first, second, third].map((each) => worker.record(each)));
  const ids = records.flatMap(({ providerRequestId }) => providerRequestId ?? []);
  expect(ids.toSorted()).toEqual(["job-1", "job-2"]);
  expect(records.filter(({ status }) => status === "pending")).toHaveLength(1);
  expect(submits()).toBe(3);
});

test("submit: searches for another job when another request has claimed the accepted one", async () => {
  await withProvider({ submit: { kind: "accepted", id: "job-1" }, locate: found({ id: "job-2" }) });
  await worker.store.providerJobs.claim("fal", "job-1", { organization: "acme", id: "another" });
  const record = await worker.keep(pendingRecord());
  await run(record);
  expect(await worker.record(record)).toMatchObject({ status: "processing", providerRequestId: "job-2" });
  expect(submits()).toBe(1);
});

test("locate: searches with the URL of the uploaded image that was sent", async () => {
  await withProvider({ locate: { kind: "absent" } }, { isGone: async () => true });
  worker.clock.advance(10_000);
  const image = { kind: "stored", key: "acme/in/x/input.png", contentType: "image/png" } as const;
  const record = await worker.keep(
    intendedRecord({
      ...{ model: "fal-ai/veo3", endpoint: "fal-ai/veo3/image-to-video" },
      input: { prompt: "p", image, durationSeconds: 6, size: null, count: null, params: {} },
      intent: intent({ at: T0, uploadedUrl: "https://files.example.com/1" }),
    }),
  );
  await run(record);
  expect(provider.located).toMatchObject([{ body: { image_url: "https://files.example.com/1" } }]);
});
