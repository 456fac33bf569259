/** Processes whose clocks are wrong: an API and a worker one hour ahead, a worker two minutes behind or ahead. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectPatient, type Redis } from "@visgate/shared/store";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { eventsReceived } from "../support/webhooks.js";
import { createWrongClock, type WrongClock } from "../support/wrong-clock.js";

const HOUR = 3600;
const COUNT = 20;
const RENDER_SECONDS = 1;
/** How long after its due time something may happen. Generous, for a slow machine, and far below each wrong clock. */
const LATE_MS = 15_000;
/** Polls of a render of a second, on average. A job that is woken again and again before its time has many more. */
const MAX_POLLS = 10;

let test: TestStack;
let receiver: Receiver;
let redis: Redis;
let dir: string;
let unsteady: WrongClock;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "visgate-clocks-"));
  const hourAhead = await createWrongClock(dir, "ahead", HOUR);
  unsteady = await createWrongClock(dir, "unsteady", -120);
  test = await startTestStack({ env: hourAhead.env });
  await test.stack.addWorker(unsteady.env);
  receiver = await startReceiver();
  redis = connectPatient(test.stack.redisUrl);
});
beforeEach(() => test.simulator.reset());
afterEach(() => unsteady.set(-120));
afterAll(async () => {
  redis.disconnect();
  await receiver.close();
  await test.stop();
  rmSync(dir, { recursive: true, force: true });
});

const logOf = (name: string) => readFileSync(join(test.stack.logDir, `${name}.log`), "utf8");
const count = (text: string, words: string) => text.split(words).length - 1;
const submitAll = () =>
  Promise.all(Array.from({ length: COUNT }, () => test.caller.submit({ ...VEO, webhook_url: receiver.url })));

/** Each request is completed once, soon after its render, with one webhook, and its times are right. */
async function expectOnTime(ids: string[], began: number): Promise<void> {
  for (const id of ids) {
    const record = await test.caller.finished(id);
    expect(record).toMatchObject({ status: "completed", charge_state: "charged" });
    expect(record.latency_ms).toBeGreaterThanOrEqual(RENDER_SECONDS * 1000 - 1);
    expect(record.latency_ms).toBeLessThan(RENDER_SECONDS * 1000 + LATE_MS);
    for (const at of [record.created_at, record.started_at, record.completed_at])
      expect(Math.abs(Date.parse(at) - began)).toBeLessThan(2 * LATE_MS);
    const events = await eventsReceived(receiver, id, 1);
    expect(events).toHaveLength(1);
    expect(Math.abs(Number(events[0]?.got.headers["webhook-timestamp"]) * 1000 - began)).toBeLessThan(2 * LATE_MS);
  }
  const { submits, polls } = await test.simulator.stats();
  expect(submits).toBe(ids.length);
  expect(polls).toBeLessThan(ids.length * MAX_POLLS);
}

it("workers an hour ahead and two minutes behind: every request is completed once and on time", async () => {
  await test.simulator.settings({ render_seconds: RENDER_SECONDS });
  const began = Date.now();
  await expectOnTime(await submitAll(), began);
});

it("a worker whose clock jumps by two minutes and back: every request is completed once and on time", async () => {
  await test.simulator.settings({ render_seconds: RENDER_SECONDS });
  const began = Date.now();
  const ids = await submitAll();
  for (const ahead of [120, -120, 120]) {
    unsteady.set(ahead);
    const { polls } = await test.simulator.stats();
    ids.push(...(await submitAll()));
    await until("polls", async () => (await test.simulator.stats()).polls > polls + COUNT);
  }
  await expectOnTime(ids, began);
});

it.each([2, 5])("a deadline of %i s is kept, neither an hour early nor minutes late", async (deadline_seconds) => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  const ids = await Promise.all(Array.from({ length: 8 }, () => test.caller.submit({ ...VEO, deadline_seconds })));
  for (const id of ids) {
    const record = await test.caller.finished(id);
    expect(record).toMatchObject({ status: "failed", error_code: "PROVIDER_TIMEOUT" });
    expect(record.latency_ms).toBeGreaterThanOrEqual(deadline_seconds * 1000);
    expect(record.latency_ms).toBeLessThan(deadline_seconds * 1000 + LATE_MS);
  }
  expect((await test.simulator.stats()).submits).toBe(ids.length);
});

it("each process says once that its clock is off, and once that it is right again", async () => {
  const off = (name: string) => count(logOf(name), "the clock of this machine differs");
  expect(["api", "worker-1", "worker-2"].map(off)).toEqual([1, 1, 1]);
  unsteady.set(0);
  await until("the clock to be right", () => count(logOf("worker-2"), "agrees with Redis's again") === 1);
  expect(off("worker-2")).toBe(1);
});

it("the sweeper goes on when the worker with the fastest clock is gone", async () => {
  const due = async () =>
    Number((await redis.zrange("{vg-maintenance}:maintenance:repeat", "0", "-1", "WITHSCORES"))[1]);
  const [fast] = test.stack.workers;
  fast?.kill();
  await fast?.current.exited;
  expect(await due()).toBeLessThan(Date.now() + LATE_MS);
  const first = await due();
  await until("the next sweep", async () => (await due()) > first, LATE_MS);
});
