/**
 * Between the acceptance and the queue: workers are killed with -9 while requests are in the outbox or in their first
 * step, and Redis while it accepts many requests in one script.
 */
import { afterEach, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const BURST = 30;
/**
 * A dead worker is noticed within 4 s. Then its requests begin, or the search for a submit that the kill cut, which lasts
 * 14 s here. The sweeper alone would begin them after more than 40 s.
 */
const GONE_ON_WITHIN_MS = 35_000;

let test: TestStack;
afterEach(() => test.stop());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function endsOf(ids: string[]) {
  const ended = await Promise.all(ids.map((id) => test.caller.finished(id)));
  const jobs = ended.flatMap(({ provider_request_id }) => provider_request_id ?? []);
  const submits = await test.simulator.submits();
  return {
    jobs: jobs.toSorted(),
    submitted: submits.map(({ provider_request_id }) => provider_request_id ?? "").toSorted(),
    /** Others than a submit that a kill cut before it reached the provider. */
    failures: ended.filter(({ status, error_code }) => status !== "completed" && error_code !== "SUBMIT_UNKNOWN"),
  };
}

it("workers killed while they begin requests: another one goes on within seconds, and no request is submitted twice", async () => {
  test = await startTestStack({ workers: 2, restart: true, env: { LOCK_DURATION_MS: "60000" } });
  const ids: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const submitting = Promise.all(Array.from({ length: BURST }, () => test.caller.submit()));
    // From before the first entry until some first steps are over.
    await pause(5 + round * 25);
    const victim = test.stack.workers[round % 2];
    const died = victim?.current.exited;
    victim?.kill();
    await died;
    const burst = await submitting;
    ids.push(...burst);
    const hasGoneOn = async (id: string) => (await test.caller.status(id)).status !== "pending";
    const haveGoneOn = async () => (await Promise.all(burst.map(hasGoneOn))).every(Boolean);
    await until("all to go on", haveGoneOn, GONE_ON_WITHIN_MS);
    await until("the worker to be back", () => victim?.current.alive() === true);
  }
  const { jobs, submitted, failures } = await endsOf(ids);
  expect(failures).toEqual([]);
  // Every job that the provider has belongs to one request.
  expect(jobs).toEqual(submitted);
  expect(new Set(jobs).size).toBe(jobs.length);
}, 240_000);

it("Redis killed while it accepts many requests at once: what was acknowledged completes, and nothing else is rendered", async () => {
  test = await startTestStack({ restart: true });
  const acknowledged: string[] = [];
  const refused: number[] = [];
  const submit = async () => {
    const answer = await test.caller.generate(VEO, { prefer: "respond-async" });
    if (answer.status === 202) acknowledged.push(answer.body.id);
    else refused.push(answer.status);
  };
  for (let round = 0; round < 3; round += 1) {
    const calls = Array.from({ length: 100 }, submit);
    await pause(round * 6);
    await Promise.all([...calls, test.redis.kill()]);
    await until("health", async () => (await test.caller.call("GET", "/health")).status === 200);
  }
  expect(refused.every((status) => status === 503)).toBe(true);
  expect(refused.length).toBeGreaterThan(0);
  const { jobs, submitted, failures } = await endsOf(acknowledged);
  expect(failures).toEqual([]);
  expect(jobs).toEqual(submitted);
}, 240_000);
