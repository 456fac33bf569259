/**
 * One of three workers is killed with -9 during each step: submit, locate, poll, copy, deliver. Another worker
 * continues within seconds, although the lock of the job lasts a minute, and nothing happens twice. ROUNDS=40 runs the
 * long version.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { createKillPoints, type Kill, type KillPoint, type KillPoints } from "../support/kill-points.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 10);
const LOCK_MS = 60_000;
const CONTINUE_WITHIN_MS = LOCK_MS / 2;

interface Step {
  step: string;
  /** Matches the call of the worker at which it is killed. */
  match: string;
  moment: KillPoint["moment"];
  /** Matches the call with which another worker continues. */
  continuesWith: string;
}

const STEPS: Step[] = [
  { step: "submit", match: "^POST .*/fal/fal-ai/veo3", moment: "after", continuesWith: "/models/requests/by-endpoint" },
  {
    step: "locate",
    match: "/models/requests/by-endpoint",
    moment: "after",
    continuesWith: "/models/requests/by-endpoint",
  },
  { step: "poll", match: "^GET .*/status", moment: "after", continuesWith: "^GET .*/status" },
  { step: "copy", match: "^GET .*/media/", moment: "after", continuesWith: "^GET .*(/media/|/requests/)" },
  { step: "deliver", match: "^POST .*/hook", moment: "after", continuesWith: "^POST .*/hook" },
];

let test: TestStack;
let points: KillPoints;
let receiver: Receiver;
beforeAll(async () => {
  points = createKillPoints();
  receiver = await startReceiver();
  const env = { ...points.env, LOCK_DURATION_MS: String(LOCK_MS) };
  test = await startTestStack({ workers: 3, restart: true, env });
  await test.simulator.settings({
    render_seconds: 1,
    disasters: [{ name: "submit_503_after_accept", match_prompt: "locate" }],
  });
});
afterAll(async () => {
  await test.stop();
  await receiver.close();
  points.close();
});

const allReady = () =>
  until("three workers", () => test.stack.workers.every((worker) => worker.current.alive()) || false);

/** The time from the kill until another worker continues the same request or delivery. */
function continuedAfterMs(kill: Kill, { continuesWith }: Step): Promise<number> {
  return until("another worker to continue", () => {
    const next = points
      .calls()
      .find(({ at, pid, call }) => at >= kill.at && pid !== kill.pid && new RegExp(continuesWith).test(call));
    return next === undefined ? false : next.at - kill.at + 1;
  });
}

async function round(step: Step, name: string): Promise<number> {
  await allReady();
  points.set([{ name, match: step.match, moment: step.moment }]);
  const prompt = `a bird, ${step.step}, ${name}`;
  const id = await test.caller.submit({ ...VEO, prompt, webhook_url: receiver.url });
  const kill = await points.killAt(name);
  const continuedMs = await continuedAfterMs(kill, step);
  expect(await test.caller.finished(id)).toMatchObject({ status: "completed", charge_state: "charged" });
  expect((await test.simulator.submits()).filter(({ body }) => body["prompt"] === prompt)).toHaveLength(1);
  const webhooks = () => receiver.received.filter(({ body }) => JSON.parse(body).data.id === id);
  await until("the webhook", () => webhooks().length > 0);
  expect(new Set(webhooks().map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  return continuedMs;
}

it(
  "kill during any step: another worker continues long before the lock ends, with one submit and one end",
  async () => {
    const continued: { step: string; ms: number }[] = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      const step = STEPS[n % STEPS.length] as Step;
      continued.push({ step: step.step, ms: await round(step, `${step.step}-${n}`) });
    }
    const sorted = continued.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const [p50, max] = [sorted[sorted.length >> 1], sorted.at(-1)];
    console.log(`${sorted.length} kills, until another worker continues: p50 ${p50} ms, max ${max} ms`);
    expect(continued.filter(({ ms }) => ms > CONTINUE_WITHIN_MS)).toEqual([]);
    expect(points.kills()).toHaveLength(ROUNDS);
  },
  ROUNDS * LOCK_MS,
);
