/**
 * A request changes from the queue of one provider to that of another: the record is written first, and then the request
 * is pushed. Workers are killed with -9 between both.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKillPoints, type KillPoints } from "../support/kill-points.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const FIRST = "fal-ai/veo3";
const SECOND = "replicate/google/veo-3";
/** A dead worker is noticed within 4 s, and the sweeper would pass the request on after 15 s. */
const END_MS = 60_000;

let test: TestStack;
let points: KillPoints;
beforeAll(async () => {
  points = createKillPoints();
  const env = { ...points.env, KILL_AT_REDIS: "1", LOCK_DURATION_MS: "60000" };
  test = await startTestStack({ workers: 2, restart: true, env });
  await test.simulator.settings({
    disasters: [
      { name: "submit_429", match_prompt: "refused", times: 1 },
      { name: "fail", match_prompt: "broken", times: 1 },
    ],
  });
});
afterAll(async () => {
  await test?.stop();
  points?.close();
});

/** The outbox of the second provider alone: what a worker takes from an outbox names what is taken, too. */
const PUSH = "^REDIS (?![^]*outbox-taken)[^]*replicate[^]*:outbox\\r\\n";

it.each([
  { when: "a refused submit, before the push", what: "refused", match: PUSH, moment: "before" },
  { when: "a job that failed, before the push", what: "broken", match: PUSH, moment: "before" },
] as const)(
  "killed after $when: another worker goes on with the next model",
  async ({ what, match, moment }) => {
    points.set([{ name: what, match, moment }]);
    const prompt = `a ${what} bird`;
    const id = await test.caller.submit({ model: FIRST, prompt, cache: "off", fallback: [SECOND] });
    const { call } = await points.killAt(what);
    expect(call).toMatch(/^REDIS/);
    const ended = await test.caller.finished(id, END_MS);
    expect(ended).toMatchObject({ status: "completed", model: SECOND, charge_state: "charged" });
    const submits = (await test.simulator.submits()).filter(({ body }) => JSON.stringify(body).includes(prompt));
    expect(submits.map(({ provider }) => provider)).toEqual(["fal", "replicate"]);
    const bills = (await test.simulator.bills()).filter((line) => line.prompt === prompt && line.cost_micro !== 0);
    expect(bills).toHaveLength(1);
  },
  120_000,
);
