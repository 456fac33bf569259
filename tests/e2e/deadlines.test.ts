/** Deadlines: a request ends soon after its deadline, its job is cancelled at the provider, and its charge is known. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CancelBench, MODELS, startCancelBench } from "../support/cancel-bench.js";

/** How long after its deadline a request may end. Generous, for a slow machine. */
const LATE_MS = 10_000;
const TIMEOUT = { status: "failed", error_code: "PROVIDER_TIMEOUT", output_url: null, cost: 0 };

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench();
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

const stats = () => test.simulator.stats();

/** Submits a request and checks that it ends at its deadline, or after `atLeastMs` when that is later. */
async function endAtDeadline(fields: { model?: string; deadline_seconds: number }, atLeastMs = 0) {
  const record = await test.endOf(await test.submit(fields));
  const dueMs = Math.max(atLeastMs, fields.deadline_seconds * 1000);
  expect(record).toMatchObject(TIMEOUT);
  // A retry is advised only when nothing was charged and nothing can be charged later.
  expect(record.retryable).toBe(["none", "released"].includes(record.charge_state));
  expect(record.latency_ms).toBeGreaterThanOrEqual(dueMs);
  expect(record.latency_ms).toBeLessThan(dueMs + LATE_MS);
  return record;
}

describe.each(MODELS)("%s", (model) => {
  // Runway refunds a job that was cancelled while it ran. The others say that only of jobs that never ran.
  const charge_state = model.startsWith("runway/") ? "released" : "unknown";
  const CANCELLED_ONCE = { submits: 1, cancels: 1, jobs: { queued: 0, running: 0, completed: 0, failed: 1 } };

  it("deadline during a render that never finishes: cancels the job", async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    expect(await endAtDeadline({ model, deadline_seconds: 2 })).toMatchObject({ charge_state });
    expect(await stats()).toMatchObject(CANCELLED_ONCE);
  });

  it("deadline in the provider's queue: cancels the job, and nothing is billed", async () => {
    await test.simulator.settings({ queue_seconds: 600 });
    expect(await endAtDeadline({ model, deadline_seconds: 1 })).toMatchObject({ charge_state: "released" });
    expect(await stats()).toMatchObject(CANCELLED_ONCE);
  });

  it("deadline during a poll that hangs: aborts the poll and cancels the job", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "poll_hang", times: 1 }] });
    // Runway is polled for the first time after five seconds.
    const deadline_seconds = model.startsWith("runway/") ? 7 : 2;
    expect(await endAtDeadline({ model, deadline_seconds })).toMatchObject({ charge_state });
    expect(await stats()).toMatchObject(CANCELLED_ONCE);
  });

  it("deadline during a submit: cancels the job when the provider has answered with its id", async () => {
    await test.simulator.settings({ render_seconds: 60, disasters: [{ name: "submit_slow", seconds: 2 }] });
    await endAtDeadline({ model, deadline_seconds: 1 }, 2000);
    expect(await stats()).toMatchObject(CANCELLED_ONCE);
  });
});

describe("a provider that answers 429", () => {
  it("to the submit, with a Retry-After beyond the deadline: the request ends at once, without a charge", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 600 }] });
    const record = await test.endOf(await test.submit({ deadline_seconds: 20 }));
    expect(record).toMatchObject({ status: "failed", error_code: "RATE_LIMIT_ERROR", retryable: true, cost: 0 });
    expect(record.charge_state).toBe("released");
    expect(record.latency_ms).toBeLessThan(LATE_MS);
    expect(await stats()).toMatchObject({ submits: 1, cancels: 0 });
  });

  it("to every submit: the request ends by its deadline", async () => {
    await test.simulator.settings({ disasters: [{ name: "submit_429", retry_after: 1 }] });
    const record = await test.endOf(await test.submit({ deadline_seconds: 3 }));
    expect(record).toMatchObject({ status: "failed", retryable: true, cost: 0 });
    // RATE_LIMIT_ERROR: the next wait would pass the deadline. PROVIDER_TIMEOUT: the deadline came during a wait.
    expect(["RATE_LIMIT_ERROR", "PROVIDER_TIMEOUT"]).toContain(record.error_code);
    if (record.error_code === "PROVIDER_TIMEOUT") expect(record.latency_ms).toBeGreaterThanOrEqual(3000);
    expect(record.charge_state).toMatch(/^(none|released)$/);
    expect(record.latency_ms).toBeLessThan(3000 + LATE_MS);
    expect((await stats()).submits).toBeGreaterThanOrEqual(2);
    expect((await stats()).cancels).toBe(0);
  });

  it("to a poll, for ten minutes: polls once more at the deadline, and completes when the render is done", async () => {
    await test.simulator.settings({ disasters: [{ name: "poll_429", retry_after: 600, times: 1 }] });
    // Longer than a submit and a render take on a busy machine.
    const record = await test.endOf(await test.submit({ deadline_seconds: 12 }));
    expect(record).toMatchObject({ status: "completed", charge_state: "charged", cost: 1.6 });
    expect(record.latency_ms).toBeLessThan(12_000 + LATE_MS);
    expect((await stats()).submits).toBe(1);
  });
});

it.each([
  { model: "fal-ai/veo3", why: "the render may be billed", status: 424 },
  { model: "runway/gen4.5", why: "the cancelled render is refunded", status: 504 },
])("deadline of a synchronous call, $model: answers $status, because $why", async ({ model, status }) => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  const answer = await test.generate({ model, deadline_seconds: 1 });
  expect([answer.status, answer.body.error]).toEqual([status, "PROVIDER_TIMEOUT"]);
});
