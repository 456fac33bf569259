/** Workers are killed, stopped, or cut off by a frozen Redis: their jobs continue, once, within seconds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { doubledCalls, goOnTimes, startHeldCalls, startSlowPolls } from "../../bench/held-calls.mjs";
import { type FeedEvent, feedAnswer } from "../../packages/shared/src/contract/feed.js";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { groupBy } from "../support/webhooks.js";

const GO_ON_MS = 5000;
const ROUNDS = 3;
const MAX_ROUNDS = 6;
/** At least so many looks at the provider are cut by the kills. */
const LOOKS = 10;
const RENDERS = Number(process.env["RENDERS"] ?? 100);
const FREEZE_MS = Number(process.env["FREEZE_SECONDS"] ?? 10) * 1000;
/** Without a heartbeat for this time, a worker process is declared dead. */
const LIFE_MS = 3000;
/** Of the stack whose worker is stopped. */
const LOCK_MS = 3000;
const TAKEN_OVER = "took over from a dead worker";
const SILENT = "this process was silent for too long; its jobs were taken over";
const TAKEN_AWAY = "a job was taken over by another worker";

let test: TestStack;
let polls: Awaited<ReturnType<typeof startSlowPolls>>;
const HOLD_MS = 2000;
/** How long a look at the provider takes. */
let holdMs = HOLD_MS;
const simulatorUrl = { url: "" };
beforeAll(async () => {
  polls = await startSlowPolls({ holdMs: () => holdMs, target: () => simulatorUrl.url });
  test = await startTestStack({
    workers: 3,
    // Locks outlast this whole file: only leases can explain that jobs continue.
    env: {
      LOCK_DURATION_MS: "60000",
      ...{ FAL_KEY: "simulator", FAL_BASE_URL: `${polls.url}/fal`, SIMULATED_PROVIDERS: "fal" },
    },
  });
  simulatorUrl.url = test.simulator.url;
});
afterAll(async () => {
  await test.stop();
  await polls.close();
});

function signalRedis(signal: "SIGSTOP" | "SIGCONT"): void {
  const pid = test.stack.redis?.pid;
  if (pid === undefined) throw new Error("this stack has a Redis of its own");
  process.kill(pid, signal);
}

function signalWorker({ workers }: TestStack["stack"], signal: "SIGSTOP" | "SIGCONT"): void {
  const pid = workers[0]?.pid;
  if (pid === undefined) throw new Error("this stack has a worker");
  process.kill(pid, signal);
}

type Worker = TestStack["stack"]["workers"][number];
const isAlive = (worker: Worker) => worker.current.alive();
const living = () => test.stack.workers.filter(isAlive);

/** Kills the first worker that lives, as the kernel would. */
async function killOne(): Promise<void> {
  const [worker] = living();
  worker?.kill();
  await worker?.current.exited;
}

interface Line {
  level: number;
  msg: string;
}

/** What the workers of a stack logged. */
function logged({ stack }: TestStack): Line[] {
  const texts = stack.workers.map(({ name }) => readFileSync(join(stack.logDir, `${name}.log`), "utf8"));
  const lines = texts.flatMap((text) => text.split("\n")).filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line));
}
const count = (of: TestStack, message: string) => logged(of).filter(({ msg }) => msg === message).length;

/** The times of all that was cut since, once all of it has gone on. */
async function goneOn(calls: typeof polls.calls, since: number): Promise<number[]> {
  await until("all that was cut to go on", () => !goOnTimes(calls, since).includes(null)).catch(() => {});
  return goOnTimes(calls, since).map((time) => time ?? Number.POSITIVE_INFINITY);
}

it("another worker continues the polls of a killed worker within seconds", async () => {
  await test.simulator.settings({ render_seconds: 600, queue_seconds: 0 });
  await Promise.all(Array.from({ length: 60 }, () => test.caller.submit()));
  const times: number[] = [];
  // A worker that held nothing proves nothing.
  for (let round = 0; round < MAX_ROUNDS && (round < ROUNDS || times.length < LOOKS); round += 1) {
    await until("many polls at once", () => polls.calls.length > 100 * (round + 1));
    const since = performance.now();
    await killOne();
    times.push(...(await goneOn(polls.calls, since)));
    await test.stack.addWorker();
  }
  expect(times.length).toBeGreaterThanOrEqual(LOOKS);
  expect(times.filter((time) => time > GO_ON_MS)).toEqual([]);
  expect((await test.simulator.stats()).submits).toBe(60);
});

it.each([
  { why: "connections are given up", freezeMs: FREEZE_MS },
  { why: "connections outlast it", freezeMs: LIFE_MS + 600 },
])(
  "while Redis is frozen for $freezeMs ms ($why), no process is declared dead, and jobs continue where they ran",
  async ({ freezeMs }) => {
    await test.simulator.settings({ render_seconds: 600, queue_seconds: 0 });
    const { submits: earlier } = await test.simulator.stats();
    await Promise.all(Array.from({ length: RENDERS }, () => test.caller.submit()));
    const submits = await until("the submits", async () => {
      const all = await test.simulator.submits();
      return all.length === earlier + RENDERS && all;
    });
    const renders = new Set(submits.slice(-RENDERS).map((submit) => submit.provider_request_id));
    const takenOver = count(test, TAKEN_OVER);
    // Looks that began before outlast the freeze, within a look's own time limit.
    const began = polls.calls.length;
    holdMs = Math.min(freezeMs + 1500, 15_000);
    await until("many looks under way", () => polls.calls.length > began + 50);
    signalRedis("SIGSTOP");
    await sleep(freezeMs);
    signalRedis("SIGCONT");
    holdMs = HOLD_MS;
    const before = polls.calls.length;
    // Also those whose job was handed out in an answer that was lost with the connection.
    await until("each render to be looked at twice", () => {
      const again = groupBy(polls.calls.slice(before), ({ key }) => key);
      return [...renders].every((key) => (again.get(key ?? "")?.length ?? 0) > 1);
    });
    expect(count(test, TAKEN_OVER)).toBe(takenOver);
    const looks = polls.calls.slice(began);
    const doubled = doubledCalls(looks).length;
    console.log(
      `frozen for ${freezeMs} ms, ${RENDERS} renders: ${doubled} of ${looks.length} looks were done twice at once`,
    );
    expect(doubled / looks.length).toBeLessThan(0.01);
    expect((await test.simulator.stats()).submits).toBe(submits.length);
  },
);

it("another worker sends the webhooks of a killed worker again within seconds", async () => {
  const seen = (request: { headers: NodeJS.Dict<string | string[]> }) => String(request.headers["webhook-id"]);
  // The first of each is never answered.
  const receiver = await startHeldCalls({
    keyOf: seen,
    answer: (_, response, earlier) => void (earlier > 0 && response.writeHead(200).end()),
  });
  try {
    await test.simulator.settings({ render_seconds: 0.1, queue_seconds: 0 });
    const body = { ...VEO, model: "replicate/google/veo-3", webhook_url: `${receiver.url}/hook` };
    await Promise.all(Array.from({ length: 12 }, () => test.caller.submit(body)));
    await until("all webhooks", () => receiver.calls.length === 12);
    const since = performance.now();
    for (let kills = 0; kills < 3 && goOnTimes(receiver.calls, since).length === 0; kills += 1) {
      await test.stack.addWorker();
      await killOne();
    }
    const times = await goneOn(receiver.calls, since);
    expect(times.length).toBeGreaterThan(0);
    expect(times.filter((time) => time > GO_ON_MS)).toEqual([]);
  } finally {
    await receiver.close();
  }
});

async function readFeed(of: TestStack): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let after = 0; ; ) {
    const page = feedAnswer.parse((await of.caller.call("GET", `/events?after=${after}&limit=100`)).body);
    if (page.events.length === 0) return events;
    events.push(...page.events);
    after = page.next_after;
  }
}

it("a worker that is stopped for twice its lock's time does no harm when it continues", async () => {
  const stopped = await startTestStack({ workers: 2, env: { LOCK_DURATION_MS: String(LOCK_MS) } });
  const { stack, simulator, caller } = stopped;
  try {
    await simulator.settings({ render_seconds: 1, disasters: [{ name: "submit_slow", seconds: 1 }] });
    const submit = () => Promise.all(Array.from({ length: 20 }, () => caller.submit()));
    const early = await submit();
    await until("renders in flight", async () => (await simulator.stats()).polls > 10);
    const late = await submit();
    await until("submits under way", async () => (await simulator.stats()).submits > 25);
    signalWorker(stack, "SIGSTOP");
    await sleep(2 * LOCK_MS + LIFE_MS);
    signalWorker(stack, "SIGCONT");
    const ids = [...early, ...late];
    await Promise.all(ids.map((id) => caller.finished(id)));
    await until("the worker to be told", () => count(stopped, SILENT) > 0);

    expect(count(stopped, TAKEN_AWAY)).toBeGreaterThan(0);
    expect(await simulator.submits()).toHaveLength(ids.length);
    const ends = (await readFeed(stopped)).filter(({ type }) => /completed|failed/.test(type));
    expect(ends.map(({ request_id }) => request_id).toSorted()).toEqual(ids.toSorted());
    expect(logged(stopped).filter(({ level }) => level >= 50)).toEqual([]);
  } finally {
    signalWorker(stack, "SIGCONT");
    await stopped.stop();
  }
});
