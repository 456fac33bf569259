/**
 * One of three workers is killed with -9 in the middle of each step: submit, locate, poll, copy, deliver. Another
 * one continues within seconds, although the lock of the job lasts a minute; nothing happens twice. ROUNDS=40 is the
 * long form.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { createKillPoints, type Kill, type KillPoint, type KillPoints } from "../support/kill-points.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 10);
const GO_ON_MS = 5000;

interface Step {
  step: string;
  /** What a worker sends in it. */
  match: string;
  moment: KillPoint["moment"];
  /** What another worker sends when it continues. */
  goesOn: string;
}

const STEPS: Step[] = [
  { step: "submit", match: "^POST .*/fal/fal-ai/veo3", moment: "after", goesOn: "/models/requests/by-endpoint" },
  { step: "locate", match: "/models/requests/by-endpoint", moment: "after", goesOn: "/models/requests/by-endpoint" },
  { step: "poll", match: "^GET .*/status", moment: "after", goesOn: "^GET .*/status" },
  { step: "copy", match: "^GET .*/media/", moment: "after", goesOn: "^GET .*(/media/|/requests/)" },
  { step: "deliver", match: "^POST .*/hook", moment: "after", goesOn: "^POST .*/hook" },
];

let test: TestStack;
let points: KillPoints;
let receiver: Receiver;
beforeAll(async () => {
  points = createKillPoints();
  receiver = await startReceiver();
  const env = { ...points.env, LOCK_DURATION_MS: "60000" };
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

/** Time from the kill until another worker continued the same request or delivery. */
function goOnMs(kill: Kill, { goesOn }: Step): Promise<number> {
  return until("another worker to go on", () => {
    const next = points
      .calls()
      .find(({ at, pid, call }) => at >= kill.at && pid !== kill.pid && new RegExp(goesOn).test(call));
    return next === undefined ? false : next.at - kill.at + 1;
  });
}

async function round(step: Step, name: string): Promise<number> {
  await allReady();
  points.set([{ name, match: step.match, moment: step.moment }]);
  const prompt = `a bird, ${step.step}, ${name}`;
  const id = await test.caller.submit({ ...VEO, prompt, webhook_url: receiver.url });
  const kill = await points.struck(name);
  const wentOnMs = await goOnMs(kill, step);
  expect(await test.caller.finished(id)).toMatchObject({ status: "completed", charge_state: "charged" });
  expect((await test.simulator.submits()).filter(({ body }) => body["prompt"] === prompt)).toHaveLength(1);
  const told = () => receiver.received.filter(({ body }) => JSON.parse(body).data.id === id);
  await until("the webhook", () => told().length > 0);
  expect(new Set(told().map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  return wentOnMs;
}

it(
  "goes on within five seconds whatever step the kill cuts, with one submit and one end each",
  async () => {
    const wentOn: { step: string; ms: number }[] = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      const step = STEPS[n % STEPS.length] as Step;
      wentOn.push({ step: step.step, ms: await round(step, `${step.step}-${n}`) });
    }
    const sorted = wentOn.map(({ ms }) => ms).toSorted((a, b) => a - b);
    console.log(`go-on after ${sorted.length} kills: p50 ${sorted[sorted.length >> 1]} ms, max ${sorted.at(-1)} ms`);
    expect(wentOn.filter(({ ms }) => ms > GO_ON_MS)).toEqual([]);
    expect(points.kills()).toHaveLength(ROUNDS);
  },
  ROUNDS * 15_000,
);
