import type { CacheState, RequestRecord } from "@visgate/shared/request";
import { beforeEach, describe, expect, test } from "vitest";
import { failure, intendedRecord, pendingRecord, renderedRecord, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";
import { pickStep } from "../pick-step.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;
let round = 0;
beforeEach(async () => {
  worker = await openWorker();
  round += 1;
});

const never = new AbortController().signal;
const OUTPUT = { kind: "stored", key: "acme/out/x/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" } as const;

const cache = (leaderId: string | null): CacheState => ({
  ...{ hash: `hash-${round}`, reason: leaderId === null ? "miss" : "joined", leaderId },
  ...{ sharedFrom: null, avoidedCostMicro: 0 },
});

async function leaderAndFollowers(leader: RequestRecord, count: number) {
  await worker.keep({ ...leader, cache: cache(null) });
  const followers = Array.from({ length: count }, () => pendingRecord({ cache: cache(leader.id) }));
  for (const follower of followers) await worker.keep(follower);
  return followers;
}
const step = (record: RequestRecord) => advanceRequest(worker.deps, record, never);
const fail = (record: RequestRecord, overrides = {}) =>
  worker.store.requests.applyTo(record, {
    ...{ name: "failed", at: T0, billedMicro: null },
    failure: failure(overrides),
  });

describe("follow", () => {
  test("a follower sleeps while its leader has not ended, at most until its own deadline", async () => {
    const leader = pendingRecord();
    const [follower = leader] = await leaderAndFollowers(leader, 1);
    expect(await step(follower)).toEqual({ kind: "sleep", delayMs: 60_000 });
    worker.clock.advance(follower.deadlineAt - T0 - 5000);
    expect(await step(follower)).toEqual({ kind: "sleep", delayMs: 5000 });
    worker.clock.advance(5000);
    await step(follower);
    expect(await worker.record(follower)).toMatchObject({
      ...{ status: "failed", chargeState: "none", failure: { code: "PROVIDER_TIMEOUT" } },
    });
  });

  test("takes the output of a completed leader at no cost", async () => {
    const leader = renderedRecord();
    const [follower = leader] = await leaderAndFollowers(leader, 1);
    await worker.store.requests.applyTo(leader, { name: "completed", at: T0, outputs: [OUTPUT] });
    expect(await step(follower)).toEqual({ kind: "finish" });
    expect(await worker.record(follower)).toMatchObject({
      ...{ status: "completed", outputs: [OUTPUT], costMicro: 0, chargeState: "none", attempts: 0 },
      cache: { reason: "joined", avoidedCostMicro: 2_400_000, sharedFrom: { organization: "acme", id: leader.id } },
    });
  });

  test.each(["PROVIDER_ERROR", "CANCELLED", "SUBMIT_UNKNOWN", "PROVIDER_TIMEOUT"] as const)(
    "after a leader's %s one follower is submitted, and the others follow that one",
    async (code) => {
      const leader = pendingRecord();
      const followers = await leaderAndFollowers(leader, 3);
      await fail(leader, { code });
      const outcomes = await Promise.all(followers.map((follower) => step(follower).catch((error) => error)));
      const records = await Promise.all(followers.map(worker.record));
      const leading = records.filter((record) => record.cache.leaderId === null);
      expect(leading).toHaveLength(1);
      expect(leading[0]?.cache.reason).toBe("miss");
      for (const record of records.filter((one) => one !== leading[0])) {
        expect(record.cache).toMatchObject({ reason: "joined", leaderId: leading[0]?.id });
      }
      expect(outcomes.filter((outcome) => outcome.kind === "sleep")).toHaveLength(2);
      expect(outcomes.find((outcome) => outcome instanceof Error)?.message).toBe("submit was not expected");
    },
  );

  test.each(["CONTENT_POLICY_VIOLATION", "VALIDATION_ERROR"] as const)(
    "a leader's %s ends the followers too, without a charge, because it would happen again",
    async (code) => {
      const leader = pendingRecord();
      const followers = await leaderAndFollowers(leader, 2);
      await fail(leader, { code, charged: true });
      for (const follower of followers) {
        await step(follower);
        expect(await worker.record(follower)).toMatchObject({
          ...{ status: "failed", failure: { code }, chargeState: "none", costMicro: 0, attempts: 0 },
        });
      }
    },
  );

  test("a leader's timeout ends a follower that has too little time left to render", async () => {
    const leader = pendingRecord();
    const [follower = leader] = await leaderAndFollowers(leader, 1);
    await fail(leader, { code: "PROVIDER_TIMEOUT", charged: true });
    const usualMs = (worker.deps.catalogue.get(leader.model)?.usualSeconds ?? 0) * 1000;
    worker.clock.advance(follower.deadlineAt - T0 - usualMs + 1);
    await step(follower);
    expect(await worker.record(follower)).toMatchObject({
      ...{ status: "failed", failure: { code: "PROVIDER_TIMEOUT" }, chargeState: "none", costMicro: 0, attempts: 0 },
    });
  });

  test("a follower is submitted when the leader's output was erased before it could be shared", async () => {
    const leader = renderedRecord();
    const [follower = leader] = await leaderAndFollowers(leader, 1);
    await worker.store.requests.applyTo(leader, { name: "completed", at: T0, outputs: [OUTPUT] });
    const stored = await worker.store.requests.get(leader);
    if (stored !== null) await worker.store.maintenance.erase(stored);
    await expect(step(follower)).rejects.toThrow("submit was not expected");
    expect((await worker.record(follower)).cache).toMatchObject({ reason: "miss", leaderId: null });
  });

  test.each([
    { what: "unknown", charged: null },
    { what: "charged without an output", charged: true },
  ])(
    "a follower fails at no cost, instead of buying a second job, when its leader's charge is $what",
    async ({ charged }) => {
      const leader = intendedRecord();
      const [follower = leader] = await leaderAndFollowers(leader, 1);
      await fail(leader, { code: "SUBMIT_UNKNOWN", charged });
      await step(follower);
      expect(await worker.record(follower)).toMatchObject({
        ...{ status: "failed", chargeState: "none", failure: { code: "SUBMIT_UNKNOWN", retryable: false } },
      });
    },
  );

  test("a follower is submitted when its leader was cancelled, even if the leader may be billed", async () => {
    const leader = intendedRecord();
    const [follower = leader] = await leaderAndFollowers(leader, 1);
    await fail(leader, { code: "CANCELLED", charged: null });
    await expect(step(follower)).rejects.toThrow("submit was not expected");
  });

  test("a follower that is a deliberate repetition is submitted, even if its leader may be billed", async () => {
    const leader = intendedRecord();
    await leaderAndFollowers(leader, 0);
    const deliberate = await worker.keep(
      pendingRecord({ cache: cache(leader.id), call: { hash: "deliberate", isDeliberate: true } }),
    );
    await fail(leader, { code: "SUBMIT_UNKNOWN", charged: null });
    await expect(step(deliberate)).rejects.toThrow("submit was not expected");
  });

  test("a cancelled follower ends at once, and its leader continues", async () => {
    const leader = pendingRecord();
    const [follower = leader] = await leaderAndFollowers(leader, 1);
    await worker.store.requests.applyTo(follower, { name: "cancel_requested", at: T0 });
    await step(follower);
    expect(await worker.record(follower)).toMatchObject({ status: "failed", failure: { code: "CANCELLED" } });
    expect((await worker.record(leader)).status).toBe("pending");
  });

  test("is picked after cancel and give up, and before submit", () => {
    const follower = pendingRecord({ cache: cache("leader") });
    expect(pickStep(follower, T0)).toBe("follow");
    expect(pickStep({ ...follower, cancelRequestedAt: T0 }, T0)).toBe("cancel");
    expect(pickStep(follower, follower.deadlineAt)).toBe("giveUp");
  });
});

test("notify: the end of a leader wakes its followers", async () => {
  const leader = renderedRecord();
  const followers = await leaderAndFollowers(leader, 3);
  await worker.store.requests.applyTo(leader, { name: "completed", at: T0, outputs: [OUTPUT] });
  await step(leader);
  expect((await worker.deps.producer.counts("fal"))["waiting"]).toBe(3);
  expect(await worker.store.sharing.followers(leader)).toEqual([]);
  expect(followers).toHaveLength(3);
});
