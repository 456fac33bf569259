/** Redis killed with -9 under load, and away for a while. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ restart: true });
});
afterAll(() => test.stop());

it("killed and restarted while callers submit: every acknowledged request completes, with one submit each", async () => {
  const acknowledged: string[] = [];
  let refused = 0;
  let open = true;
  const submitting = (async () => {
    while (open) {
      const answer = await test.caller.generate(VEO, { prefer: "respond-async" });
      if (answer.status === 202) acknowledged.push(answer.body.id);
      else {
        expect([answer.status, answer.body.error]).toEqual([503, "UNAVAILABLE"]);
        expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
        expect(answer.ms).toBeLessThan(3000);
        refused += 1;
      }
    }
  })();
  for (let round = 0; round < 3; round += 1) {
    const before = acknowledged.length;
    await until("ten more acknowledged", () => acknowledged.length >= before + 10);
    const restarted = new Promise((resolve) => test.stack.redis?.events.once("restart", resolve));
    test.stack.redis?.kill();
    await restarted;
  }
  const before = acknowledged.length;
  await until("ten more acknowledged", () => acknowledged.length >= before + 10);
  open = false;
  await submitting;

  const ended = await Promise.all(acknowledged.map((id) => test.caller.finished(id)));
  const failed = ended.filter(({ status }) => status !== "completed");
  expect(failed.map(({ id, error_code, error_message }) => ({ id, error_code, error_message }))).toEqual([]);
  expect(refused).toBeGreaterThan(0);
  const submits = await test.simulator.submits();
  expect(new Set(submits.map((submit) => submit.provider_request_id)).size).toBe(submits.length);
});
