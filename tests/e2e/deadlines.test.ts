/** Deadlines: whatever a provider does, a request ends soon after its own, is stopped there, and the money is told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CancelBench, MODELS, startCancelBench } from "../support/cancel-bench.js";

/** How long after its deadline a request may end; generous, for a slow machine. */
const LATE_MS = 3000;
const TIMEOUT = { status: "failed", error_code: "PROVIDER_TIMEOUT", output_url: null, cost: 0 };

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench({ env: { SUBMIT_TIMEOUT_MS: "8000" } });
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

const stats = () => test.simulator.stats();

/** Ends by its deadline, or by what keeps it longer. */
async function endAtDeadline(wish: { model?: string; deadline_seconds: number }, keptMs = 0) {
  const record = await test.endOf(await test.submit(wish));
  const dueMs = Math.max(keptMs, wish.deadline_seconds * 1000);
  expect(record).toMatchObject(TIMEOUT);
  // To send the same call again is advised only where nothing was or may have been spent.
  expect(record.retryable).toBe(["none", "released"].includes(record.charge_state));
  expect(record.latency_ms).toBeGreaterThanOrEqual(dueMs);
  expect(record.latency_ms).toBeLessThan(dueMs + LATE_MS);
  return record;
}

describe.each(MODELS)("%s", (model) => {
  // Runway says that it refunds what was stopped; the others say so only of what never ran.
  const charge_state = model.startsWith("runway/") ? "released" : "unknown";
  const STOPPED = { submits: 1, cancels: 1, jobs: { queued: 0, running: 0, completed: 0, failed: 1 } };

  it("a render that never finishes", async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    expect(await endAtDeadline({ model, deadline_seconds: 2 })).toMatchObject({ charge_state });
    expect(await stats()).toMatchObject(STOPPED);
  });

  it("a place in the provider's queue that never comes up: billed by nobody", async () => {
    await test.simulator.settings({ queue_seconds: 600 });
    expect(await endAtDeadline({ model, deadline_seconds: 1 })).toMatchObject({ charge_state: "released" });
    expect(await stats()).toMatchObject(STOPPED);
  });

  it("a look that hangs is called off", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "poll_hang", times: 1 }] });
    // Runway is not looked at sooner than after five seconds.
    const deadline_seconds = model.startsWith("runway/") ? 7 : 2;
    expect(await endAtDeadline({ model, deadline_seconds })).toMatchObject({ charge_state });
    expect(await stats()).toMatchObject(STOPPED);
  });

  it("a submit that is answered after it: what the provider took is stopped there", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "submit_slow", seconds: 2 }] });
    await endAtDeadline({ model, deadline_seconds: 1 }, 2000);
    expect(await stats()).toMatchObject(STOPPED);
  });
});

describe("a provider that asks for patience", () => {
  it("at the submit, past the deadline: ends at once, nothing is charged", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 600 }] });
    const record = await test.endOf(await test.submit({ deadline_seconds: 20 }));
    expect(record).toMatchObject({ status: "failed", error_code: "RATE_LIMIT_ERROR", retryable: true, cost: 0 });
    expect(record.charge_state).toBe("released");
    expect(record.latency_ms).toBeLessThan(LATE_MS);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });

  it("at every submit, again and again: ends by its deadline", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 1 }] });
    const record = await test.endOf(await test.submit({ deadline_seconds: 3 }));
    expect(record).toMatchObject({ status: "failed", retryable: true, cost: 0 });
    // The next wait would pass the deadline, or the deadline came first: then, and only then, it is a time-out.
    expect(["RATE_LIMIT_ERROR", "PROVIDER_TIMEOUT"]).toContain(record.error_code);
    if (record.error_code === "PROVIDER_TIMEOUT") expect(record.latency_ms).toBeGreaterThanOrEqual(3000);
    expect(record.charge_state).toMatch(/^(none|released)$/);
    expect(record.latency_ms).toBeLessThan(3000 + LATE_MS);
    expect((await stats()).submits).toBeGreaterThanOrEqual(2);
    expect((await stats()).cancels).toBe(0);
  });

  it("at a look, for ten minutes: does not outlast the deadline, and what was done by then counts", async () => {
    await test.simulator.settings({ disasters: [{ name: "poll_429", retry_after: 600, times: 1 }] });
    const record = await test.endOf(await test.submit({ deadline_seconds: 5 }));
    expect(record).toMatchObject({ status: "completed", charge_state: "charged", cost: 1.6 });
    expect(record.latency_ms).toBeLessThan(5000 + LATE_MS);
    expect((await stats()).submits).toBe(1);
  });
});

it.each([
  { model: "fal-ai/veo3", why: "what ran may be billed", status: 424 },
  { model: "runway/gen4.5", why: "what was stopped is refunded", status: 504 },
])("a sync call of $model answers $status: $why", async ({ model, status }) => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  const answer = await test.generate({ model, deadline_seconds: 1 });
  expect([answer.status, answer.body.error]).toEqual([status, "PROVIDER_TIMEOUT"]);
});
