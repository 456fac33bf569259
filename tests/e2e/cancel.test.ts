/** Cancel in every stage, over two APIs and two workers: what the provider was told, and what happens to the money. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CANCELLED, type CancelBench, MODELS, startCancelBench } from "../support/cancel-bench.js";
import { until } from "../support/until.js";

/** Far below what a look at a provider may take. */
const SOON_MS = 8000;

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench({ env: { SUBMIT_TIMEOUT_MS: "8000" } });
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

const stats = () => test.simulator.stats();

describe.each(MODELS)("%s", (model) => {
  it("queued at the provider: it is told to stop, and bills nothing", async () => {
    await test.simulator.settings({ queue_seconds: 60 });
    const id = await test.submit({ model });
    await test.processing(id);
    const answer = await test.cancel(id);
    expect([answer.status, answer.body.status, answer.body.charge_state]).toEqual([202, "cancelling", "held"]);
    expect(answer.body.message).toContain("charge_state");
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "released", cost: 0 });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { queued: 0, completed: 0, failed: 1 } });
  });

  it("rendering: it is told to stop, and the record says what is known of the money", async () => {
    await test.simulator.settings({ render_seconds: 60, queue_seconds: 0 });
    const id = await test.submit({ model });
    await test.processing(id);
    expect((await test.cancel(id, 0)).body).toMatchObject({ status: "cancelling", charge_state: "held" });
    // Runway says that it refunds; the others do not say.
    const charge_state = model.startsWith("runway/") ? "released" : "unknown";
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, charge_state, cost: 0 });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { running: 0, completed: 0, failed: 1 } });
  });

  it("in mid-submit, twice: what the provider took all the same is stopped there", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "submit_slow", seconds: 2, times: 1 }] });
    const id = await test.submit({ model });
    await until("the submit", async () => (await stats()).submits === 1);
    for (const n of [0, 1]) {
      const { status, body } = await test.cancel(id, n);
      expect([status, body.status, body.charge_state]).toEqual([202, "cancelling", "held"]);
      expect(body.message).toContain("charge_state");
    }
    expect((await test.caller.status(id)).status).toBe("pending");
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, cost: 0, provider_request_id: expect.any(String) });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { queued: 0, running: 0, completed: 0 } });
  });

  it("in mid-poll: a look that hangs is called off for it", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "poll_hang", times: 1 }] });
    const id = await test.submit({ model });
    await until("the look", async () => (await stats()).polls === 1);
    const began = performance.now();
    expect((await test.cancel(id)).body).toMatchObject({ status: "cancelling", charge_state: "held" });
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, cost: 0 });
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { running: 0, completed: 0, failed: 1 } });
  });

  it("waiting for another try after a 429: ends at once, and nobody is told to stop", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 60 }] });
    const id = await test.submit({ model });
    await until("the refusal", async () => (await stats()).submits === 1);
    await until("it to be noted", async () => (await test.caller.status(id)).charge_state === "none");
    const answer = await test.cancel(id);
    expect(answer.body).toMatchObject({ charge_state: "none", message: expect.stringContaining("nothing will be") });
    expect(await test.caller.status(id)).toMatchObject({ ...CANCELLED, charge_state: "none", cost: 0 });
    await test.endOf(id);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });
});

describe("too late", () => {
  it("finalising: what is rendered is paid, so it completes, and the answer says so", async () => {
    await test.simulator.settings({ disasters: [{ name: "output_404", times: 2 }] });
    const id = await test.submit();
    await until("rendered", async () => (await test.caller.status(id)).charge_state === "charged");
    const answer = await test.cancel(id);
    expect([answer.status, answer.body.charge_state]).toEqual([202, "charged"]);
    expect(answer.body.message).toContain("it is charged");
    expect(await test.endOf(id)).toMatchObject({ status: "completed", charge_state: "charged", cost: 1.6 });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });

  it("terminal: 409, and nothing changes", async () => {
    const id = await test.submit();
    const record = await test.endOf(id);
    const { status, body } = await test.cancel(id);
    expect([status, body.error]).toEqual([409, "ALREADY_TERMINAL"]);
    expect(body.details).toMatchObject({ request_id: id, status: "completed", charge_state: "charged" });
    expect(await test.caller.status(id)).toEqual(record);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });

  it.each(["01a2057c-2298-74c2-ba16-5c8b4de656dd", "nonsense"])("an id that is nobody's (%s): 404", async (id) => {
    const answer = await test.cancel(id);
    expect([answer.status, answer.body.error]).toEqual([404, "REQUEST_NOT_FOUND"]);
  });
});

it("20 at once over two APIs: one end, one cancel at the provider", async () => {
  await test.simulator.settings({ queue_seconds: 60 });
  const id = await test.submit();
  await test.processing(id);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => test.cancel(id, n)));
  expect(answers.some(({ status }) => status === 202)).toBe(true);
  for (const { status, body } of answers) expect([202, 409], JSON.stringify(body)).toContain(status);
  expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "released" });
  expect(await stats()).toMatchObject({ submits: 1, cancels: 1 });
});
