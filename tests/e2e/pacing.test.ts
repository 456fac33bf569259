/**
 * The limits of provider accounts, over three workers, of which one is killed and one restarted in the middle. The
 * simulator's own log is the judge.
 */
import { connectPatient, createStore } from "@visgate/shared/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCaller, type SimulatedJob, VEO } from "../support/caller.js";
import { apiKeyOf } from "../support/records.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const LIMITS = {
  FAL_MAX_IN_FLIGHT: "2",
  RUNWAY_MAX_IN_FLIGHT_PER_MODEL: "1",
  REPLICATE_CREATES_PER_SECOND: "10",
};
/** Polls of Runway are 5 s apart, so each of its requests holds its slot that long. */
const RUNWAY = 2;
const BURST = [
  ...Array.from({ length: 16 }, () => "fal-ai/veo3"),
  ...Array.from({ length: 40 }, () => "replicate/google/veo-3"),
  ...Array.from({ length: RUNWAY }, () => "runway/gen4.5"),
];

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ workers: 3, env: LIMITS });
});
afterAll(() => test.stop());

/** The most jobs that were in flight at the same time. */
function mostAtOnce(jobs: SimulatedJob[]): number {
  const overlapping = ({ submitted_at: at }: SimulatedJob) =>
    jobs.filter((job) => job.submitted_at <= at && (job.ended_at === null || job.ended_at > at)).length;
  return Math.max(...jobs.map(overlapping));
}

/** The most times within any second. */
const mostInASecond = (times: number[]) =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));

const waitingNow = async () => {
  const { body } = await test.caller.call("GET", "/requests?status=pending&limit=100");
  return (body.requests as { queue_position: number | null }[]).filter((request) => request.queue_position !== null);
};

it("a burst over three workers, one killed and one restarted: never above the limits, and each is sent once", async () => {
  const ids = await Promise.all(BURST.map((model) => test.caller.submit({ ...VEO, model })));
  await until("requests that wait, with their places", async () => (await waitingNow()).length > 10);
  // A worker that dies during a submit to Runway, which has no list of jobs, leaves a SUBMIT_UNKNOWN. Each of these
  // submits is 5 s after the one before.
  const ofRunway = ids.slice(-RUNWAY);
  const isSent = async (id: string) => (await test.caller.status(id)).status === "processing";
  await until("the first job at Runway", async () => (await Promise.all(ofRunway.map(isSent))).includes(true));
  const [killed, restarted] = test.stack.workers;
  killed?.kill();
  await killed?.current.exited;
  await until("more submits", async () => (await test.simulator.submits()).length > 20);
  await restarted?.current.stop();
  await test.stack.addWorker();

  const ended = await Promise.all(ids.map((id) => test.caller.finished(id)));
  const jobs = await test.simulator.jobs();
  const of = (provider: string) => jobs.filter((job) => job.provider === provider);
  expect(mostAtOnce(of("fal"))).toBe(2);
  expect(mostAtOnce(of("runway"))).toBe(1);
  const creates = (await test.simulator.submits()).filter(({ provider }) => provider === "replicate");
  expect(mostInASecond(creates.map(({ at }) => at))).toBeLessThanOrEqual(10);
  // A submit that the kill cut before it arrived has no job and is never sent again. Every job belongs to one request.
  const sent = ended.filter(({ error_code }) => error_code !== "SUBMIT_UNKNOWN");
  expect(sent.map(({ status }) => status)).toEqual(sent.map(() => "completed"));
  expect(sent.map(({ provider_request_id: id }) => id).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
  expect(sent.length).toBeGreaterThan(ids.length - 12);
});

it("a request that waits: its place is in status, list and time line; a cancel ends it at once, its deadline in time", async () => {
  await test.simulator.reset();
  await test.simulator.settings({ render_seconds: 3 });
  const [first = "", second = ""] = await Promise.all([test.caller.submit(), test.caller.submit()]);
  await until("both slots to be taken", async () => (await test.simulator.submits()).length === 2);
  const cancelled = await test.caller.submit();
  const overdue = await test.caller.submit({ ...VEO, deadline_seconds: 1 });
  const waits = await test.caller.submit();
  await until("its place", async () => (await test.caller.status(waits)).queue_position !== null);
  expect(await test.caller.status(cancelled)).toMatchObject({ status: "pending", queue_position: 0 });
  expect((await waitingNow()).length).toBeGreaterThan(1);
  const shown = await test.caller.call("GET", `/requests/${waits}?include=timeline`);
  expect(shown.body.timeline.map(({ name }: { name: string }) => name)).toEqual(["accepted", "queued"]);

  const answer = await test.caller.call("POST", `/requests/${cancelled}/cancel`);
  expect([answer.status, answer.body.charge_state]).toEqual([202, "none"]);
  const free = { cost: 0, charge_state: "none", queue_position: null };
  expect(await test.caller.status(cancelled)).toMatchObject({ error_code: "CANCELLED", ...free });
  expect(await test.caller.finished(overdue, 3000)).toMatchObject({ error_code: "PROVIDER_TIMEOUT", ...free });
  for (const id of [first, second, waits]) expect((await test.caller.finished(id)).status).toBe("completed");
  expect((await test.simulator.stats()).submits).toBe(3);
});

/** A caller of a new organization. */
async function openOrganization(organization: string) {
  const redis = connectPatient(test.stack.redisUrl);
  const { apiKeys, organizations } = createStore({ redis, clock: { now: Date.now } });
  const key = `vg-key-of-the-${organization}-organization`;
  await organizations.ensure(organization, Date.now());
  await apiKeys.save(apiKeyOf({ id: "key_1", organization }, key), null);
  redis.disconnect();
  return createCaller(test.stack.baseUrl, key);
}

it("a thousand requests of one organization: the single ones of another get the next slots", async () => {
  await test.simulator.reset();
  const quiet = await openOrganization("quiet");
  for (let sent = 0; sent < 1000; sent += 50) {
    await Promise.all(Array.from({ length: 50 }, () => test.caller.submit({ ...VEO, prompt: "busy" })));
  }
  await until("the line", async () => (await waitingNow()).length > 90);
  for (let n = 0; n < 3; n += 1) {
    const before = (await test.simulator.submits()).length;
    await quiet.finished(await quiet.submit({ ...VEO, prompt: `single ${n}` }));
    const since = (await test.simulator.submits()).slice(before);
    // Two others may have got their slots just before the single one came.
    expect(since.slice(0, 3).map(({ body }) => body["prompt"])).toContain(`single ${n}`);
  }
});
