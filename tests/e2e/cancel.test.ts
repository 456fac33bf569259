/** Cancel in every stage, over two APIs and two workers: what the provider was told, and what happens to the money. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
let receiver: Receiver;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 2, env: { SUBMIT_TIMEOUT_MS: "8000" } });
  receiver = await startReceiver();
});
afterAll(async () => {
  await test.stop();
  await receiver.close();
});
beforeEach(() => test.simulator.reset());

const MODELS = ["fal-ai/veo3", "replicate/google/veo-3", "runway/gen4.5"];
let made = 0;
const wish = (model = "fal-ai/veo3") => ({
  ...{ model, prompt: `cancelled film ${++made}`, duration_seconds: 4, cache: "off", webhook_url: receiver.url },
});
const api = (n: number) => test.callers[n % 2] ?? test.caller;
const cancel = (id: string, n = 1) => api(n).call("POST", `/requests/${id}/cancel`);
const processing = (id: string) =>
  until("processing", async () => (await test.caller.status(id)).status === "processing");
const bodies = (id: string) =>
  receiver.received.map(({ body }) => JSON.parse(body)).filter(({ data }) => data.id === id);

/** The end of a request, told once. */
async function endOf(id: string) {
  const record = await test.caller.finished(id);
  await until("its event", () => bodies(id).length > 0);
  expect(bodies(id).map(({ data }) => [data.status, data.error_code])).toEqual([[record.status, record.error_code]]);
  return record;
}
const CANCELLED = { status: "failed", error_code: "CANCELLED", retryable: false, output_url: null };

describe.each(MODELS)("%s", (model) => {
  it("queued at the provider: it is told to stop, and bills nothing", async () => {
    await test.simulator.settings({ queue_seconds: 60 });
    const id = await test.caller.submit(wish(model));
    await processing(id);
    const answer = await cancel(id);
    expect([answer.status, answer.body.status, answer.body.charge_state]).toEqual([202, "cancelling", "held"]);
    expect(answer.body.message).toContain("charge_state");
    expect(await endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "released", cost: 0 });
    expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 1 });
  });

  it("rendering: it is told to stop, and the record says what is known of the money", async () => {
    await test.simulator.settings({ render_seconds: 60, queue_seconds: 0 });
    const id = await test.caller.submit(wish(model));
    await processing(id);
    await cancel(id, 0);
    const record = await endOf(id);
    expect(record).toMatchObject(CANCELLED);
    expect(["released", "unknown"]).toContain(record.charge_state);
    expect((await test.simulator.stats()).cancels).toBeGreaterThanOrEqual(1);
  });

  it("in mid-submit: what the provider took all the same is stopped there", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "submit_slow", seconds: 2, times: 1 }] });
    const id = await test.caller.submit(wish(model));
    await until("the submit", async () => (await test.simulator.stats()).submits === 1);
    expect((await test.caller.status(id)).status).toBe("pending");
    expect((await cancel(id)).body.charge_state).toBe("held");
    expect(await endOf(id)).toMatchObject(CANCELLED);
    expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 1 });
  });
});

describe("nothing was sent yet", () => {
  it("waiting for another try after a 429: ends at once", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 60 }] });
    const id = await test.caller.submit(wish());
    await until("the refusal", async () => (await test.simulator.stats()).submits === 1);
    await until("it to be noted", async () => (await test.caller.status(id)).charge_state === "none");
    const answer = await cancel(id);
    expect(answer.body).toMatchObject({
      charge_state: "none",
      message: expect.stringContaining("nothing will be charged"),
    });
    expect(await endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "none", cost: 0 });
    expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 0 });
  });
});

describe("too late", () => {
  it("finalising: what is rendered is paid, so it completes, and the answer says so", async () => {
    await test.simulator.settings({ disasters: [{ name: "output_404", times: 2 }] });
    const id = await test.caller.submit(wish());
    await until("rendered", async () => (await test.caller.status(id)).charge_state === "charged");
    const answer = await cancel(id);
    expect([answer.status, answer.body.charge_state]).toEqual([202, "charged"]);
    expect(answer.body.message).toContain("it is charged");
    expect(await endOf(id)).toMatchObject({ status: "completed", charge_state: "charged", cost: 1.6 });
  });

  it("terminal: 409, and nothing changes", async () => {
    const id = await test.caller.submit(wish());
    const record = await endOf(id);
    const answer = await cancel(id);
    expect([answer.status, answer.body.error, answer.body.details.charge_state]).toEqual([
      409,
      "ALREADY_TERMINAL",
      "charged",
    ]);
    expect(await test.caller.status(id)).toEqual(record);
  });

  it.each(["01a2057c-2298-74c2-ba16-5c8b4de656dd", "nonsense"])("an id that is nobody's (%s): 404", async (id) => {
    const answer = await cancel(id);
    expect([answer.status, answer.body.error]).toEqual([404, "REQUEST_NOT_FOUND"]);
  });

  it("20 cancels at once: one end, one cancel at the provider", async () => {
    await test.simulator.settings({ queue_seconds: 60 });
    const id = await test.caller.submit(wish());
    await processing(id);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => cancel(id, n)));
    for (const { status } of answers) expect([202, 409]).toContain(status);
    expect(await endOf(id)).toMatchObject({ ...CANCELLED, charge_state: "released" });
    expect((await test.simulator.stats()).cancels).toBe(1);
  });
});
