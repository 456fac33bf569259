/** Cancel and completion at the same time: each request ends once, with one webhook and the right charge state. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Answer } from "../support/caller.js";
import { CANCELLED, type CancelBench, startCancelBench } from "../support/cancel-bench.js";
import { countBy } from "../support/store-bench.js";
import { until } from "../support/until.js";

const ROUNDS = 100;
/** Rounds that run at the same time. */
const BATCH = 20;
/** One prompt for all: the simulator draws its video once, and later renders take exactly the time that is set. */
const BODY = { prompt: "a video that is cancelled while it completes" };

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench({ env: { SIMULATOR_RENDER_SECONDS: "1" } });
});
afterAll(() => test.stop());

const batch = <T>(run: (n: number) => Promise<T>) => Promise.all(Array.from({ length: BATCH }, (_, n) => run(n)));
const longest = (times: number[]) => Math.max(...times);
const shortest = (times: number[]) => Math.min(...times);

/** Submits a request; resolves when the provider has its job. */
async function begin(n: number) {
  const id = await test.submit(BODY, n);
  await test.processing(id);
  return { id, at: performance.now() };
}

/** How long a request takes to complete on this machine after the provider has its job, under the load of a batch. */
async function measureCompletionMs(n: number): Promise<number> {
  const { id, at } = await begin(n);
  await test.caller.finished(id);
  return performance.now() - at;
}

/** Cancels a request `offsetMs` after the provider has its job. */
async function race(n: number, offsetMs: number): Promise<Round> {
  const { id, at } = await begin(n);
  await until("the moment of the cancel", () => performance.now() >= at + offsetMs);
  const answer = await test.cancel(id, n + 1);
  return { answer, record: await test.endOf(id) };
}

/** Spreads the cancels of a batch: the first comes at once, the last surely too late, most close to the completion. */
function offsetOf(n: number, times: number[]): number {
  if (n === 0) return 0;
  if (n === BATCH - 1) return 2 * longest(times);
  const [from, to] = [0.5 * shortest(times), 1.1 * longest(times)];
  return from + ((to - from) * n) / BATCH;
}

interface Round {
  answer: Answer;
  record: Answer["body"];
}

/** The request is completed and charged, or cancelled and free, and the answer to the cancel agrees with its end. */
function expectConsistent({ answer, record }: Round): void {
  expect([202, 409]).toContain(answer.status);
  if (record.status === "completed") expect(record).toMatchObject({ charge_state: "charged", cost: 1.6 });
  else expect(record).toMatchObject({ ...CANCELLED, cost: 0, charge_state: expect.stringMatching(/released|unknown/) });
  if (answer.body.charge_state === "charged") expect(record.status).toBe("completed");
  if (answer.status === 409) expect(answer.body.details.status).toBe(record.status);
}

it("cancel and completion at once, 100 rounds: one end, one webhook, and only renders are charged", async () => {
  await measureCompletionMs(0);
  const times = await batch(measureCompletionMs);
  await test.simulator.reset();
  const rounds: Round[] = [];
  while (rounds.length < ROUNDS) rounds.push(...(await batch((n) => race(n, offsetOf(n, times)))));

  for (const round of rounds) expectConsistent(round);
  const { completed = 0, failed = 0 } = countBy(rounds, ({ record }) => record.status);
  const ends = countBy(rounds, ({ answer, record }) => `${answer.status} ${record.status}`);
  // Both ends must occur, or the cancels did not come close to the completions.
  expect(Math.min(completed, failed), JSON.stringify(ends)).toBeGreaterThan(0);
  // The provider rendered exactly the requests that completed.
  const jobs = { queued: 0, running: 0, completed, failed };
  expect(await test.simulator.stats()).toMatchObject({ submits: ROUNDS, jobs });
  // No webhook came later, and no record changed.
  for (const { record } of rounds) {
    expect(test.webhooksOf(record.id)).toEqual([`${record.status} ${record.error_code}`]);
    expect(await test.caller.status(record.id)).toEqual(record);
  }
});
