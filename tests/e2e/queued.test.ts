/** Requests that no worker has started: they wait, are cancelled or pass their deadline, and cost nothing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { CANCELLED, type CancelBench, startCancelBench } from "../support/cancel-bench.js";

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench({ workers: 0 });
});
afterAll(() => test.stop());

it("no worker runs: a cancel ends a request at once; a worker that starts later submits the others", async () => {
  const [cancelled = "", overdue = "", other = ""] = await Promise.all([
    test.submit(),
    test.submit({ deadline_seconds: 1 }),
    test.submit(),
  ]);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => test.cancel(cancelled, n)));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted.length).toBeGreaterThan(0);
  for (const { body } of accepted) {
    expect(body).toMatchObject({ charge_state: "none", message: expect.stringContaining("nothing will be charged") });
  }
  const free = { charge_state: "none", cost: 0, started_at: null };
  expect(await test.caller.status(cancelled)).toMatchObject({ ...CANCELLED, ...free });
  expect((await test.cancel(cancelled)).status).toBe(409);
  // Long enough for the second one's deadline to pass.
  expect((await test.caller.call("GET", `/requests/${other}?wait=2`)).body.status).toBe("pending");
  await test.addWorker();
  expect((await test.endOf(other)).status).toBe("completed");
  expect(await test.endOf(overdue)).toMatchObject({ error_code: "PROVIDER_TIMEOUT", ...free });
  expect(await test.endOf(cancelled)).toMatchObject({ ...CANCELLED, ...free });
  expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 0 });
});
