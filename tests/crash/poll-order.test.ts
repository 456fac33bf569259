/**
 * A poll never goes back: callers poll requests that change a thousand times a second at two API processes in turn, while
 * connections to Redis are lost, Redis hangs, and Redis is killed.
 */
import { connectPatient, createStore, primariesOf, type Redis } from "@visgate/shared/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { submitIntended, T0 } from "../support/records.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const REQUESTS = 3;
const CALLERS = 4;
const STEP = 1e-6;
/** What each caller has to see before the fault, and once more after it. */
const SEEN_CHANGES = 3;

let test: TestStack;
let redis: Redis;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 0, restart: true });
  redis = connectPatient(test.stack.redisUrl);
  redis.on("error", () => {});
});
afterAll(async () => {
  redis.disconnect();
  await test.stop();
});

/** Raises the progress of a request without a pause, until `isDone`. */
async function change(id: string, isDone: () => boolean): Promise<number> {
  const { requests } = createStore({ redis, clock: { now: Date.now } });
  const ref = { organization: "default", id };
  const accepted = { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: `job-${id}` } as const;
  for (const transition of [submitIntended({ at: T0 }), accepted]) await requests.applyTo(ref, transition);
  let changes = 0;
  while (!isDone()) {
    changes += 1;
    await requests.applyTo(ref, { name: "observed", progress: changes * STEP, queuePosition: null });
  }
  return changes;
}

interface Polled {
  polls: number;
  /** Different answers. */
  seen: number;
  /** Each poll that showed less than the one before it. */
  backwards: string[];
}

/** Polls a request at one API and the other in turn, and notes in `result` what it sees. */
async function poll(id: string, result: Polled, isDone: () => boolean): Promise<void> {
  let last = 0;
  for (let turn = 0; !isDone(); turn += 1) {
    const api = test.callers[turn % 2] ?? test.caller;
    const status = await until("a status", async () => {
      const answer = await api.call("GET", `/requests/${id}`).catch(() => null);
      return answer?.status === 200 && answer.body;
    });
    const progress: number = status.progress ?? 0;
    result.polls += 1;
    if (progress !== last) result.seen += 1;
    if (progress < last) result.backwards.push(`${last / STEP} -> ${progress / STEP}`);
    last = Math.max(last, progress);
  }
}

const onEachNode = (command: string, ...words: string[]) =>
  Promise.all(primariesOf(redis).map((node) => node.call(command, ...words)));

const FAULTS: Record<string, () => Promise<unknown>> = {
  "nothing happens": async () => {},
  "every connection for changes is lost": () => onEachNode("CLIENT", "KILL", "TYPE", "pubsub"),
  "every other connection is lost": () => onEachNode("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"),
  "Redis hangs": async () => {
    await test.redis.signal("SIGSTOP");
    const isRefused = async () => (await test.caller.call("GET", "/requests")).status === 503;
    await until("the API to notice", isRefused).finally(() => test.redis.signal("SIGCONT"));
  },
  "Redis is killed": () => test.redis.kill(),
};

it.each(Object.entries(FAULTS))("%s: no poll shows an older status than the one before it", async (_, cause) => {
  let isOver = false;
  const isDone = () => isOver;
  const ids = await Promise.all(Array.from({ length: REQUESTS }, () => test.caller.submit()));
  const changing = ids.map((id) => change(id, isDone));
  const polled: Polled[] = [];
  const polling = ids.flatMap((id) =>
    Array.from({ length: CALLERS }, () => {
      const result: Polled = { polls: 0, seen: 0, backwards: [] };
      polled.push(result);
      return poll(id, result, isDone);
    }),
  );
  const untilSeen = async () => {
    const goals = polled.map((result) => ({ result, seen: result.seen + SEEN_CHANGES }));
    await until("each caller to see changes", () => goals.every(({ result, seen }) => result.seen >= seen));
  };
  await untilSeen();
  await cause();
  await untilSeen();
  isOver = true;
  const changes = await Promise.all(changing);
  await Promise.all(polling);
  expect(polled.flatMap(({ backwards }) => backwards)).toEqual([]);
  expect(Math.min(...changes)).toBeGreaterThan(5);
  expect(Math.min(...polled.map(({ seen }) => seen))).toBeGreaterThan(2);
});
