/** Requests that no worker has taken yet: they wait, are cancelled or run out of time without costing anything. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ workers: 0 });
});
afterAll(() => test.stop());

const wish = (more: object = {}) => ({ model: "fal-ai/veo3", prompt: "queued", cache: "off", ...more });

it("is cancelled at once, without a worker; a worker that comes later submits the others alone", async () => {
  const [cancelled = "", overdue = "", other = ""] = await Promise.all([
    test.caller.submit(wish()),
    test.caller.submit(wish({ deadline_seconds: 1 })),
    test.caller.submit(wish()),
  ]);
  const answer = await test.caller.call("POST", `/requests/${cancelled}/cancel`);
  expect([answer.status, answer.body.charge_state]).toEqual([202, "none"]);
  expect(await test.caller.status(cancelled)).toMatchObject({
    ...{ status: "failed", error_code: "CANCELLED", charge_state: "none", cost: 0, started_at: null },
  });
  // Long enough for the second one's deadline to pass.
  expect((await test.caller.call("GET", `/requests/${other}?wait=2`)).body.status).toBe("pending");
  await test.stack.addWorker();
  expect((await test.caller.finished(other)).status).toBe("completed");
  expect(await test.caller.finished(overdue)).toMatchObject({
    ...{ error_code: "PROVIDER_TIMEOUT", charge_state: "none", cost: 0 },
  });
  expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 0 });
});
