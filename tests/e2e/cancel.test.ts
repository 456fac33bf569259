/** Cancel in every state of a request, with two APIs and two workers: the calls to the provider, and the charge. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CANCELLED, type CancelBench, MODELS, startCancelBench } from "../support/cancel-bench.js";
import { until } from "../support/until.js";

/** Far below the time limit of a poll. */
const SOON_MS = 8000;

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench();
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

const stats = () => test.simulator.stats();

describe.each(MODELS)("%s", (model) => {
  it("cancel in the provider's queue: cancels the job at the provider, and nothing is billed", async () => {
    await test.simulator.settings({ queue_seconds: 60 });
    const id = await test.submit({ model });
    await test.processing(id);
    const answer = await test.cancel(id);
    expect([answer.status, answer.body.status, answer.body.charge_state]).toEqual([202, "cancelling", "held"]);
    expect(answer.body.message).toContain("charge_state");
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "released", cost: 0 });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { queued: 0, completed: 0, failed: 1 } });
  });

  it("cancel while it renders: cancels the job at the provider, and charge_state says what is known", async () => {
    await test.simulator.settings({ render_seconds: 60, queue_seconds: 0 });
    const id = await test.submit({ model });
    await test.processing(id);
    expect((await test.cancel(id, 0)).body).toMatchObject({ status: "cancelling", charge_state: "held" });
    // Runway says that it refunds a cancelled render; the other providers do not say what they bill.
    const charge_state = model.startsWith("runway/") ? "released" : "unknown";
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, charge_state, cost: 0 });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { running: 0, completed: 0, failed: 1 } });
  });

  it("two cancels during the submit: cancel the job at the provider as soon as its id is known", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "submit_slow", seconds: 5, times: 1 }] });
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

  it("cancel during a poll that hangs: aborts the poll and ends the request soon", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "poll_hang", times: 1 }] });
    const id = await test.submit({ model });
    await until("the poll", async () => (await stats()).polls === 1);
    const began = performance.now();
    expect((await test.cancel(id)).body).toMatchObject({ status: "cancelling", charge_state: "held" });
    expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, cost: 0 });
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { running: 0, completed: 0, failed: 1 } });
  });

  it("cancel before a retry after 429: ends the request at once, without a cancel at the provider", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 60 }] });
    const id = await test.submit({ model });
    await until("the 429", async () => (await stats()).submits === 1);
    await until("the record of the 429", async () => (await test.caller.status(id)).charge_state === "none");
    const answer = await test.cancel(id);
    expect(answer.body).toMatchObject({ charge_state: "none", message: expect.stringContaining("nothing will be") });
    expect(await test.caller.status(id)).toMatchObject({ ...CANCELLED, charge_state: "none", cost: 0 });
    await test.endOf(id);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });
});

describe("a cancel that comes too late", () => {
  it("after the render: the request completes and is charged, and the answer says so", async () => {
    await test.simulator.settings({ disasters: [{ name: "output_404", times: 2 }] });
    const id = await test.submit();
    await until("rendered", async () => (await test.caller.status(id)).charge_state === "charged");
    const answer = await test.cancel(id);
    expect([answer.status, answer.body.charge_state]).toEqual([202, "charged"]);
    expect(answer.body.message).toContain("it is charged");
    expect(await test.endOf(id)).toMatchObject({ status: "completed", charge_state: "charged", cost: 1.6 });
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });

  it("after the end of the request: answers 409 and changes nothing", async () => {
    const id = await test.submit();
    const record = await test.endOf(id);
    const { status, body } = await test.cancel(id);
    expect([status, body.error]).toEqual([409, "ALREADY_TERMINAL"]);
    expect(body.details).toMatchObject({ request_id: id, status: "completed", charge_state: "charged" });
    expect(await test.caller.status(id)).toEqual(record);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });

  it.each(["01a2057c-2298-74c2-ba16-5c8b4de656dd", "nonsense"])("of an unknown id (%s): answers 404", async (id) => {
    const answer = await test.cancel(id);
    expect([answer.status, answer.body.error]).toEqual([404, "REQUEST_NOT_FOUND"]);
  });
});

it("20 concurrent cancels over two APIs: the request ends once, with one cancel at the provider", async () => {
  await test.simulator.settings({ queue_seconds: 60 });
  const id = await test.submit();
  await test.processing(id);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => test.cancel(id, n)));
  expect(answers.some(({ status }) => status === 202)).toBe(true);
  for (const { status, body } of answers) expect([202, 409], JSON.stringify(body)).toContain(status);
  expect(await test.endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "released" });
  expect(await stats()).toMatchObject({ submits: 1, cancels: 1 });
});
