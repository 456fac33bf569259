/**
 * The limits of provider accounts, over three workers, of which one is killed and one restarted in the middle. The
 * simulator's own log is the judge.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SimulatedJob, VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const LIMITS = {
  FAL_MAX_IN_FLIGHT: "2",
  RUNWAY_MAX_IN_FLIGHT_PER_MODEL: "1",
  REPLICATE_CREATES_PER_SECOND: "10",
};
const MODELS = {
  ...{ fal: "fal-ai/veo3", replicate: "replicate/google/veo-3" },
  ...{ gen4: "runway/gen4.5", turbo: "runway/gen4_turbo" },
};
/** Polls of Runway are 5 s apart, so each of its requests holds its slot that long. */
const BURST = [
  ...Array.from({ length: 16 }, () => MODELS.fal),
  ...Array.from({ length: 40 }, () => MODELS.replicate),
  ...Array.from({ length: 3 }, () => MODELS.gen4),
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

it("a burst over three workers, one killed and one restarted: never above the limits, and all complete once", async () => {
  const ids = await Promise.all(BURST.map((model) => test.caller.submit({ ...VEO, model })));
  await until("requests that wait, with their places", async () => (await waitingNow()).length > 10);
  const [killed, restarted] = test.stack.workers;
  killed?.kill();
  await killed?.current.exited;
  await until("more submits", async () => (await test.simulator.submits()).length > 20);
  await restarted?.current.stop();
  await test.stack.addWorker();

  const ended = await Promise.all(ids.map((id) => test.caller.finished(id)));
  expect(ended.map(({ status, error_code }) => error_code ?? status)).toEqual(ids.map(() => "completed"));
  const jobs = await test.simulator.jobs();
  expect(jobs).toHaveLength(ids.length);
  const of = (provider: string) => jobs.filter((job) => job.provider === provider);
  expect(mostAtOnce(of("fal"))).toBe(2);
  expect(mostAtOnce(of("runway"))).toBe(1);
  const creates = (await test.simulator.submits()).filter(({ provider }) => provider === "replicate");
  expect(mostInASecond(creates.map(({ at }) => at))).toBeLessThanOrEqual(10);
});
