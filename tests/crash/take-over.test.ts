/** Workers are killed, stopped, or cut off by a frozen Redis: their jobs continue within seconds, and only once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectPatient, createKeys, type Redis } from "@visgate/shared/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { doubledCalls, repeatTimes, startHeldCalls, startSlowPolls } from "../../bench/held-calls.mjs";
import { VEO } from "../support/caller.js";
import { type RequestFeedEvent, requestEventPage } from "../support/request-events.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { groupBy } from "../support/webhooks.js";

/** The locks of the jobs that are cut. Half of it is more than a busy machine needs, and far less than they last. */
const CUT_LOCK_MS = 60_000;
const CONTINUE_WITHIN_MS = CUT_LOCK_MS / 2;
const ROUNDS = 3;
const MAX_ROUNDS = 6;
/** The kills must cut at least this many polls. */
const MIN_CUT_POLLS = 10;
const RENDERS = Number(process.env["RENDERS"] ?? 60);
const FREEZE_MS = Number(process.env["FREEZE_SECONDS"] ?? 10) * 1000;
/** A worker process is declared dead after this time without a heartbeat. */
const LIFE_MS = 3000;
/** The lock duration in the stack whose worker is stopped. */
const LOCK_MS = 3000;
const TAKEN_OVER = "took over from a dead worker";
const SILENT = "this process was silent for too long; its jobs were taken over";

let test: TestStack;
let polls: Awaited<ReturnType<typeof startSlowPolls>>;
let redis: Redis;
const HOLD_MS = 2000;
/** How long a poll of the provider takes. */
let holdMs = HOLD_MS;
const simulatorUrl = { url: "" };
beforeAll(async () => {
  polls = await startSlowPolls({ holdMs: () => holdMs, target: () => simulatorUrl.url });
  test = await startTestStack({
    workers: 3,
    // Locks last longer than all tests of this file, so jobs can continue only because of the leases.
    env: {
      LOCK_DURATION_MS: String(CUT_LOCK_MS),
      ...{ FAL_KEY: "simulator", FAL_BASE_URL: `${polls.url}/fal`, SIMULATED_PROVIDERS: "fal" },
    },
  });
  simulatorUrl.url = test.simulator.url;
  redis = connectPatient(test.stack.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await test.stop();
  await polls.close();
});

function signalWorker({ workers }: TestStack["stack"], signal: "SIGSTOP" | "SIGCONT"): void {
  const pid = workers[0]?.pid;
  if (pid === undefined) throw new Error("this stack has a worker");
  process.kill(pid, signal);
}

type Worker = TestStack["stack"]["workers"][number];
const isAlive = (worker: Worker) => worker.current.alive();
const living = () => test.stack.workers.filter(isAlive);

/** Kills the first living worker with SIGKILL. */
async function killOne(): Promise<void> {
  const [worker] = living();
  worker?.kill();
  await worker?.current.exited;
}

interface Line {
  level: number;
  time: string;
  msg: string;
}

/** The log lines of the workers of a stack. */
function logged({ stack }: TestStack): Line[] {
  const texts = stack.workers.map(({ name }) => readFileSync(join(stack.logDir, `${name}.log`), "utf8"));
  const lines = texts.flatMap((text) => text.split("\n")).filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line));
}
/** The lines since then (ms). Processes gather their lines, so one may come later than what it says. */
const count = (stack: TestStack, message: string, since = 0) =>
  logged(stack).filter(({ msg, time }) => msg === message && Date.parse(time) >= since).length;

/** Waits until all calls that were cut after `since` are repeated. Returns the time that each repetition took. */
async function untilRepeated(calls: typeof polls.calls, since: number): Promise<number[]> {
  const all = () => !repeatTimes(calls, since).includes(null);
  await until("all cut calls to be repeated", all, CONTINUE_WITHIN_MS).catch(() => {});
  return repeatTimes(calls, since).map((time) => time ?? Number.POSITIVE_INFINITY);
}

/** The requests of these jobs of the provider. */
async function statusesOf(jobs: readonly (string | null)[]) {
  const { body } = await test.caller.call("GET", "/requests?limit=100");
  return body.requests
    .filter(({ provider_request_id }: { provider_request_id: string | null }) => jobs.includes(provider_request_id))
    .map(({ status, error_code, error_message }: Record<string, unknown>) => ({ status, error_code, error_message }));
}

it("worker killed during polls: another worker repeats its polls long before their locks end", async () => {
  await test.simulator.settings({ render_seconds: 600, queue_seconds: 0 });
  await Promise.all(Array.from({ length: 60 }, () => test.caller.submit()));
  const times: number[] = [];
  // More rounds when the killed workers had too few polls under way.
  for (let round = 0; round < MAX_ROUNDS && (round < ROUNDS || times.length < MIN_CUT_POLLS); round += 1) {
    await until("many polls at once", () => polls.calls.length > 100 * (round + 1));
    const since = performance.now();
    await killOne();
    times.push(...(await untilRepeated(polls.calls, since)));
    await test.stack.addWorker();
  }
  expect(times.length).toBeGreaterThanOrEqual(MIN_CUT_POLLS);
  expect(times.filter((time) => time > CONTINUE_WITHIN_MS)).toEqual([]);
  expect((await test.simulator.stats()).submits).toBe(60);
});

it.each([
  { why: "connections are closed", freezeMs: FREEZE_MS },
  { why: "connections stay open", freezeMs: LIFE_MS + 600 },
])(
  "Redis frozen for $freezeMs ms ($why): no worker is declared dead, and jobs continue at their workers",
  async ({ freezeMs }) => {
    await test.simulator.settings({ render_seconds: 600, queue_seconds: 0 });
    const { submits: earlier } = await test.simulator.stats();
    await Promise.all(Array.from({ length: RENDERS }, () => test.caller.submit()));
    const allSubmitted = async () => {
      const all = await test.simulator.submits();
      return all.length >= earlier + RENDERS && all;
    };
    const submits = await until("the submits", allSubmitted, 60_000);
    const renders = new Set(submits.slice(-RENDERS).map((submit) => submit.provider_request_id));
    // The jobs of the workers that were killed before are free: a lease is removed last.
    const leases = async () => (await redis.zrange(createKeys().leases(), "0", "-1")).length;
    await until("only living workers to have a lease", async () => (await leases()) === living().length);
    // The polls that are under way last longer than the freeze, but not longer than the time limit of a poll.
    const began = polls.calls.length;
    holdMs = Math.min(freezeMs + 1500, 15_000);
    await until("many polls under way", () => polls.calls.length > began + 50);
    const frozenAt = Date.now();
    await test.redis.signal("SIGSTOP");
    await sleep(freezeMs);
    await test.redis.signal("SIGCONT");
    holdMs = HOLD_MS;
    const before = polls.calls.length;
    // This includes the jobs that BullMQ handed out in an answer that was lost with the connection.
    const notPolledAgain = () => {
      const again = groupBy(polls.calls.slice(before), ({ key }) => key);
      return [...renders].filter((key) => (again.get(key ?? "")?.length ?? 0) < 2);
    };
    await until("two polls of each render", () => notPolledAgain().length === 0, 60_000).catch(() => {});
    const left = notPolledAgain();
    expect(left, JSON.stringify(await statusesOf(left))).toEqual([]);
    expect(count(test, TAKEN_OVER, frozenAt)).toBe(0);
    const made = polls.calls.slice(began);
    const doubled = doubledCalls(made).length;
    console.log(
      `frozen for ${freezeMs} ms, ${RENDERS} renders: ${doubled} of ${made.length} polls overlap another one`,
    );
    expect(doubled / made.length).toBeLessThan(0.01);
    expect((await test.simulator.stats()).submits).toBe(submits.length);
  },
);

it("worker killed during webhooks: another worker sends its webhooks again long before their locks end", async () => {
  const webhookIdOf = (request: { headers: NodeJS.Dict<string | string[]> }) => String(request.headers["webhook-id"]);
  // The first attempt of each webhook is never answered.
  const receiver = await startHeldCalls({
    keyOf: webhookIdOf,
    answer: (_, response, earlier) => void (earlier > 0 && response.writeHead(200).end()),
  });
  try {
    await test.simulator.settings({ render_seconds: 0.1, queue_seconds: 0 });
    const body = { ...VEO, model: "replicate/google/veo-3", webhook_url: `${receiver.url}/hook` };
    await Promise.all(Array.from({ length: 12 }, () => test.caller.submit(body)));
    await until("all webhooks", () => receiver.calls.length === 12);
    const since = performance.now();
    for (let kills = 0; kills < 3 && repeatTimes(receiver.calls, since).length === 0; kills += 1) {
      await test.stack.addWorker();
      await killOne();
    }
    const times = await untilRepeated(receiver.calls, since);
    expect(times.length).toBeGreaterThan(0);
    expect(times.filter((time) => time > CONTINUE_WITHIN_MS)).toEqual([]);
  } finally {
    await receiver.close();
  }
});

async function readFeed({ caller }: TestStack): Promise<RequestFeedEvent[]> {
  const events: RequestFeedEvent[] = [];
  for (let after = 0; ; ) {
    const page = requestEventPage.parse((await caller.call("GET", `/events?after=${after}&limit=100`)).body);
    if (page.events.length === 0) return events;
    events.push(...page.events);
    after = page.next_after;
  }
}

it("worker stopped for twice the lock duration: when it continues, nothing is submitted or ended twice", async () => {
  const stopped = await startTestStack({ workers: 2, env: { LOCK_DURATION_MS: String(LOCK_MS) } });
  const { stack, simulator, caller } = stopped;
  try {
    await simulator.settings({ render_seconds: 1, disasters: [{ name: "submit_slow", seconds: 1 }] });
    const submit = () => Promise.all(Array.from({ length: 20 }, () => caller.submit()));
    const early = await submit();
    await until("renders in flight", async () => (await simulator.stats()).polls > 10);
    // One after the other, so that not all of them are taken by one worker.
    const coming = Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await sleep(15 * index);
        return caller.submit();
      }),
    );
    await until("submits under way", async () => (await simulator.stats()).submits > 25);
    signalWorker(stack, "SIGSTOP");
    await sleep(2 * LOCK_MS + LIFE_MS);
    signalWorker(stack, "SIGCONT");
    const ids = [...early, ...(await coming)];
    const ended = await Promise.all(ids.map((id) => caller.finished(id)));
    await until("the worker to notice the take-over", () => count(stopped, SILENT) > 0);

    expect(count(stopped, TAKEN_OVER)).toBeGreaterThan(0);
    // A worker that was stopped right before a submit has sent nothing. Every other request was submitted once.
    const sent = (await simulator.submits()).map(({ provider_request_id }) => provider_request_id);
    expect(ended.flatMap(({ provider_request_id }) => provider_request_id ?? []).toSorted()).toEqual(sent.toSorted());
    expect(sent.length).toBeGreaterThan(early.length);
    const ends = (await readFeed(stopped)).filter(({ type }) => /completed|failed/.test(type));
    expect(ends.map(({ request_id }) => request_id).toSorted()).toEqual(ids.toSorted());
    expect(logged(stopped).filter(({ level }) => level >= 50)).toEqual([]);
  } finally {
    signalWorker(stack, "SIGCONT");
    await stopped.stop();
  }
});
