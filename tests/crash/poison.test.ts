/** A request whose output kills each worker that copies it: it fails soon, in its own process. All others complete. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { createKillPoints, type KillPoints } from "../support/kill-points.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const NEIGHBOURS = Number(process.env["NEIGHBOURS"] ?? 60);
const TWO_MINUTES_MS = 120_000;

let test: TestStack;
let points: KillPoints;
beforeAll(async () => {
  points = createKillPoints();
  test = await startTestStack({ workers: 2, restart: true, env: { ...points.env, LOCK_DURATION_MS: "60000" } });
  await test.simulator.settings({ render_seconds: 4 });
});
afterAll(async () => {
  await test.stop();
  points.close();
});

it("output that kills workers: its request fails within two minutes as charged, and all others complete", async () => {
  const began = performance.now();
  const poisoned = await test.caller.submit({ ...VEO, prompt: "poison" });
  const job = await until("the job", async () => (await test.caller.status(poisoned)).provider_request_id);
  points.set([{ name: "copy", match: `/media/fal/${job}/`, moment: "before", times: 10 }]);
  const ids = await Promise.all(Array.from({ length: NEIGHBOURS }, () => test.caller.submit()));

  const ended = await test.caller.finished(poisoned, TWO_MINUTES_MS);
  expect(performance.now() - began).toBeLessThan(TWO_MINUTES_MS);
  expect(ended).toMatchObject({
    ...{ status: "failed", error_code: "OUTPUT_UNAVAILABLE", charge_state: "charged", retryable: false },
  });
  const others = await Promise.all(ids.map((id) => test.caller.finished(id)));
  const faults = others.filter(({ status }) => status !== "completed");
  expect(faults.map(({ id, error_code, error_message }) => ({ id, error_code, error_message }))).toEqual([]);
  expect(await test.simulator.submits()).toHaveLength(NEIGHBOURS + 1);
  // It killed three workers, and then the process that ran it alone.
  expect(points.kills()).toHaveLength(4);
  expect(new Set(points.kills().map(({ pid }) => pid)).size).toBe(4);
});
