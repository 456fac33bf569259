/** Cancel against completion: one end each, told once, and no money unaccounted for. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Answer } from "../support/caller.js";
import { CANCELLED, type CancelBench, startCancelBench } from "../support/cancel-bench.js";
import { countBy } from "../support/store-bench.js";
import { until } from "../support/until.js";

const ROUNDS = 100;
/** Rounds at once. */
const BATCH = 20;
/** The same for all: the simulator draws it once, and then renders take as long as they are set to. */
const FILM = { prompt: "a film that is raced for" };

let test: CancelBench;
beforeAll(async () => {
  test = await startCancelBench({ env: { SIMULATOR_RENDER_SECONDS: "1" } });
});
afterAll(() => test.stop());

const batch = <T>(run: (n: number) => Promise<T>) => Promise.all(Array.from({ length: BATCH }, (_, n) => run(n)));
const longest = (times: number[]) => Math.max(...times);
const shortest = (times: number[]) => Math.min(...times);

/** Submits one and answers when the provider has it. */
async function begin(n: number) {
  const id = await test.submit(FILM, n);
  await test.processing(id);
  return { id, at: performance.now() };
}

/** How long this machine takes to complete one after the provider has it, among as many as will be raced. */
async function measure(n: number): Promise<number> {
  const { id, at } = await begin(n);
  await test.caller.finished(id);
  return performance.now() - at;
}

async function race(n: number, offsetMs: number): Promise<Round> {
  const { id, at } = await begin(n);
  await until("its moment", () => performance.now() >= at + offsetMs);
  const answer = await test.cancel(id, n + 1);
  return { answer, record: await test.endOf(id) };
}

/** From far too early to far too late, and mostly close around the end. */
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

/** Completed and charged or cancelled and not, and the answer to the cancel was true. */
function expectTruth({ answer, record }: Round): void {
  expect([202, 409]).toContain(answer.status);
  if (record.status === "completed") expect(record).toMatchObject({ charge_state: "charged", cost: 1.6 });
  else expect(record).toMatchObject({ ...CANCELLED, cost: 0, charge_state: expect.stringMatching(/released|unknown/) });
  if (answer.body.charge_state === "charged") expect(record.status).toBe("completed");
  if (answer.status === 409) expect(answer.body.details.status).toBe(record.status);
}

it("cancel × completion, 100 rounds: one end each, told once, and paid is what was rendered", async () => {
  await measure(0);
  const times = await batch(measure);
  await test.simulator.reset();
  const rounds: Round[] = [];
  while (rounds.length < ROUNDS) rounds.push(...(await batch((n) => race(n, offsetOf(n, times)))));

  for (const round of rounds) expectTruth(round);
  const { completed = 0, failed = 0 } = countBy(rounds, ({ record }) => record.status);
  const ends = countBy(rounds, ({ answer, record }) => `${answer.status} ${record.status}`);
  // Both must have happened, or nothing was raced for.
  expect(Math.min(completed, failed), JSON.stringify(ends)).toBeGreaterThan(0);
  // What the provider rendered is what was paid for, and nothing else.
  const jobs = { queued: 0, running: 0, completed, failed };
  expect(await test.simulator.stats()).toMatchObject({ submits: ROUNDS, jobs });
  // No event came later, and no end was changed.
  for (const { record } of rounds) {
    expect(test.told(record.id)).toEqual([`${record.status} ${record.error_code}`]);
    expect(await test.caller.status(record.id)).toEqual(record);
  }
});
