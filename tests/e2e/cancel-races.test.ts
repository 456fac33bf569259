/** Cancel against completion, and deadlines: one end each, told once, and no money unaccounted for. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { countBy } from "../support/store-bench.js";
import { until } from "../support/until.js";

let test: TestStack;
let receiver: Receiver;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 2 });
  receiver = await startReceiver();
});
afterAll(async () => {
  await test.stop();
  await receiver.close();
});
beforeEach(() => test.simulator.reset());

const wish = (more: object = {}) => ({
  ...{ model: "fal-ai/veo3", prompt: "a film that is raced for", duration_seconds: 4, cache: "off" },
  ...{ webhook_url: receiver.url, ...more },
});
const api = (n: number) => test.callers[n % 2] ?? test.caller;
const cancel = (id: string, n: number) => api(n).call("POST", `/requests/${id}/cancel`);
const statusesOf = (id: string) =>
  receiver.received
    .map(({ body }) => JSON.parse(body))
    .filter(({ data }) => data.id === id)
    .map(({ data }) => data.status);

describe("cancel × completion", () => {
  /** Looks `looks` times and then cancels: a little later in each round, from the first look to after the end. */
  async function race(round: number, looks: number) {
    const id = await api(round).submit(wish());
    for (let look = 0; look < looks; look += 1) await api(round).status(id);
    const answer = await cancel(id, round + 1);
    return { answer, record: await test.caller.finished(id) };
  }

  it("100 rounds: one end each, told once; 100 submits; what is cancelled is not charged, what completed is", async () => {
    const rounds: Awaited<ReturnType<typeof race>>[] = [];
    for (let from = 0; from < 100; from += 20) {
      const batch = Array.from({ length: 20 }, (_, n) => race(from + n, (from + n) * 3));
      rounds.push(...(await Promise.all(batch)));
    }
    expect(await test.simulator.stats()).toMatchObject({ submits: 100 });
    const ends = countBy(rounds, ({ record }) => `${record.status} ${record.error_code} ${record.charge_state}`);
    const completed = ends["completed null charged"] ?? 0;
    const cancelled = rounds.filter(({ record }) => record.error_code === "CANCELLED").length;
    expect(completed + cancelled, JSON.stringify(ends)).toBe(100);
    // Both must have happened, or nothing was raced for.
    expect(Math.min(completed, cancelled), JSON.stringify(ends)).toBeGreaterThan(0);
    for (const { answer, record } of rounds) {
      expect([202, 409]).toContain(answer.status);
      if (answer.status === 409) expect(record.status).toBe("completed");
      expect(record.cost).toBe(record.status === "completed" ? 1.6 : 0);
      await until("its event", () => statusesOf(record.id).length > 0);
      expect(statusesOf(record.id)).toEqual([record.status]);
      expect(await test.caller.status(record.id)).toEqual(record);
    }
  });
});

describe("deadline_seconds", () => {
  const TIMEOUT = { status: "failed", error_code: "PROVIDER_TIMEOUT" };

  it.each(["fal-ai/veo3", "replicate/google/veo-3", "runway/gen4.5"])(
    "%s: a render that never finishes ends soon after, is stopped at the provider, and the money is told",
    async (model) => {
      await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
      const id = await test.caller.submit(wish({ model, deadline_seconds: 2 }));
      const record = await test.caller.finished(id);
      expect(record).toMatchObject(TIMEOUT);
      expect(["released", "unknown"]).toContain(record.charge_state);
      expect(record.latency_ms).toBeGreaterThanOrEqual(2000);
      expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 1 });
    },
  );

  it("a provider that asks for ten minutes' patience does not outlast it", async () => {
    await test.simulator.settings({ disasters: [{ name: "poll_429", retry_after: 600, times: 1 }] });
    const id = await test.caller.submit(wish({ deadline_seconds: 3 }));
    // The render was done by then: it is paid for, and counts.
    expect(await test.caller.finished(id)).toMatchObject({ status: "completed", charge_state: "charged" });
    expect((await test.simulator.stats()).submits).toBe(1);
  });

  it("a sync call answers 504", async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    const answer = await test.caller.generate(wish({ deadline_seconds: 1 }));
    expect([answer.status, answer.body.error]).toEqual([504, "PROVIDER_TIMEOUT"]);
  });
});
