/** Workers are killed with -9 during renders and submits: nothing is lost, and nothing is paid twice. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
beforeEach(async () => {
  test = await startTestStack();
});
afterEach(() => test.stop());

async function killWorkers(): Promise<void> {
  for (const worker of test.stack.workers) {
    worker.kill();
    await worker.current.exited;
  }
}

it.each(["fal-ai/veo3", "replicate/google/veo-3", "runway/gen4.5"])(
  "worker killed during a render, %s: the next worker completes the request, with one submit and one webhook",
  async (model) => {
    const receiver = await startReceiver();
    await test.simulator.settings({ render_seconds: 2 });
    const id = await test.caller.submit({ ...VEO, model, webhook_url: receiver.url });
    await until("processing", async () => (await test.caller.status(id)).status === "processing");
    await killWorkers();
    await test.stack.addWorker();
    expect(await test.caller.finished(id)).toMatchObject({ status: "completed", charge_state: "charged" });
    expect((await test.simulator.stats()).submits).toBe(1);
    expect(await receiver.atLeast(1)).toHaveLength(1);
    await receiver.close();
  },
);

const COMPLETED = { status: "completed", charge_state: "charged" };
const UNKNOWN = { status: "failed", error_code: "SUBMIT_UNKNOWN", charge_state: "unknown", cost: 0 };

it.each([
  { model: "fal-ai/veo3", ends: COMPLETED },
  { model: "replicate/google/veo-3", ends: COMPLETED },
  { model: "runway/gen4.5", ends: UNKNOWN },
])(
  "worker killed during a submit, $model: the job is found in the provider's list, if any, and never sent again",
  async (row) => {
    const { model, ends } = row;
    await test.simulator.settings({ disasters: [{ name: "submit_hang" }] });
    const id = await test.caller.submit({ ...VEO, model });
    await until("the submit at the provider", async () => (await test.simulator.stats()).submits === 1);
    await killWorkers();
    await test.stack.addWorker();
    expect(await test.caller.finished(id)).toMatchObject(ends);
    expect((await test.simulator.stats()).submits).toBe(1);
  },
);

it("workers killed four times under load: each request ends, and none is submitted twice", async () => {
  await test.simulator.settings({ render_seconds: 10 });
  const ids = await Promise.all(Array.from({ length: 40 }, () => test.caller.submit()));
  for (let round = 0; round < 4; round += 1) {
    await test.stack.addWorker();
    const before = (await test.simulator.stats()).polls;
    await until("some work", async () => (await test.simulator.stats()).polls > before + 5 * round);
    await killWorkers();
  }
  await test.stack.addWorker();
  const ended = await Promise.all(ids.map((id) => test.caller.finished(id)));
  const submits = await test.simulator.submits();
  expect(new Set(submits.map((submit) => submit.provider_request_id)).size).toBe(submits.length);
  expect(submits.length).toBeLessThanOrEqual(ids.length);
  // Every job that the provider accepted belongs to a request. A submit that a kill cut before that has no job.
  const accepted = submits.map(({ provider_request_id }) => provider_request_id);
  expect(ended.flatMap(({ provider_request_id }) => provider_request_id ?? []).toSorted()).toEqual(accepted.toSorted());
  for (const request of ended)
    expect(request.provider_request_id === null ? request.error_code : request.status).toBe(
      request.provider_request_id === null ? "SUBMIT_UNKNOWN" : "completed",
    );
});
