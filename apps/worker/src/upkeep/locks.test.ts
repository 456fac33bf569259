import type { Freed } from "@visgate/shared/queue";
import { createLogger } from "@visgate/shared/runtime";
import type { Beat, LeaseHolder } from "@visgate/shared/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { until } from "../../../../tests/support/until.js";
import { createLostJobsFinder, createTakeOver, type HeldLease, holdLease, type TakenOver } from "./locks.js";

let lines: string[];
beforeEach(() => {
  lines = [];
});
const log = createLogger({
  level: "info",
  service: "worker",
  secretNames: [],
  destination: { write: (line) => void lines.push(line) },
});

describe("hold lease", () => {
  const QUIET: Beat = { wasJudgedDead: false, dead: [] };

  let held: HeldLease | null;
  beforeEach(() => {
    held = null;
  });
  afterEach(() => held?.end());

  /** Gives these answers, then QUIET; an Error is thrown. */
  function createHolder(answers: (Beat | Error)[]) {
    const beats = createTestSignal();
    const ended = createTestSignal();
    const holder: LeaseHolder = {
      id: "own",
      async beat() {
        beats.fire();
        const answer = answers.shift() ?? QUIET;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      async end() {
        ended.fire();
      },
    };
    return { holder, beats, ended };
  }

  const hold = (holder: LeaseHolder, onDead: (leaseId: string) => void = () => {}) =>
    holdLease({ holder, beatMs: 5, onDead, log });

  test("begins with the first heartbeat that succeeds, no matter how many fail before", async () => {
    const { holder, beats } = createHolder([new Error("away"), new Error("away"), QUIET]);
    held = await hold(holder);
    expect(beats.count()).toBe(3);
  });

  test("continues after heartbeats that fail, without a log line", async () => {
    const { holder, beats } = createHolder([QUIET, new Error("away"), new Error("away")]);
    held = await hold(holder);
    await beats.reached(5);
    expect(lines).toEqual([]);
  });

  test("reports dead processes at each heartbeat, because an earlier take-over may have failed", async () => {
    const dead = { wasJudgedDead: false, dead: ["a", "b"] };
    const { holder, beats } = createHolder([QUIET, dead, dead]);
    const reported: string[] = [];
    held = await hold(holder, (id) => reported.push(id));
    await beats.reached(4);
    expect(reported).toEqual(["a", "b", "a", "b"]);
  });

  test("warns once when this process itself was declared dead", async () => {
    const { holder, beats } = createHolder([QUIET, { wasJudgedDead: true, dead: [] }]);
    held = await hold(holder);
    await beats.reached(4);
    expect(lines.filter((line) => line.includes("silent for too long"))).toHaveLength(1);
  });

  test("sends no heartbeat after it was ended", async () => {
    const { holder, beats, ended } = createHolder([]);
    const lease = await hold(holder);
    await beats.reached(2);
    await lease.end();
    expect(ended.count()).toBe(1);
    const beatsBefore = beats.count();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(beats.count()).toBe(beatsBefore);
  });
});

describe("take over", () => {
  const NOTHING: Freed = { count: 0, refs: [] };
  const ONE: Freed = { count: 1, refs: [{ organization: "acme", id: "1" }] };

  function createBench(free: (leaseId: string, queue: string) => Promise<Freed>) {
    const done: string[] = [];
    const taken: TakenOver[] = [];
    const removed = createTestSignal();
    const takeOver = createTakeOver({
      queues: () => ["fal", "webhooks"],
      async free(leaseId, queue) {
        const freed = await free(leaseId, queue);
        done.push(queue);
        return freed;
      },
      async removeLease(leaseId) {
        done.push(`removeLease ${leaseId}`);
        removed.fire();
      },
      onTakenOver: (one) => taken.push(one),
      log,
    });
    return { takeOver, done, taken, removed };
  }

  test("frees the jobs in all queues, reports the queues that had some, and removes the lease last", async () => {
    const bench = createBench(async (_, queue) => (queue === "fal" ? ONE : NOTHING));
    bench.takeOver("dead");
    await bench.removed.reached(1);
    expect(bench.done).toEqual(["fal", "webhooks", "removeLease dead"]);
    expect(bench.taken).toEqual([{ lease: "dead", queue: "fal", ...ONE }]);
  });

  test("runs once at a time, no matter how often it is called", async () => {
    let asked = 0;
    const go = createTestSignal();
    const released = go.reached(1);
    const bench = createBench(async () => {
      asked += 1;
      await released;
      return NOTHING;
    });
    for (let beat = 0; beat < 5; beat += 1) bench.takeOver("dead");
    go.fire();
    await bench.removed.reached(1);
    expect(asked).toBe(2);
  });

  test("keeps the lease when it fails, and tries again at the next heartbeat", async () => {
    let fails = true;
    const bench = createBench(async (_, queue) => {
      if (fails && queue === "webhooks") throw new Error("Redis is away");
      return NOTHING;
    });
    bench.takeOver("dead");
    await until("it to fail", () => lines.some((line) => line.includes("the next heartbeat tries again")));
    expect(bench.removed.count()).toBe(0);
    fails = false;
    bench.takeOver("dead");
    await bench.removed.reached(1);
  });
});

test("find lost jobs: asks every queue with the tokens that run, also when one queue fails", async () => {
  const asked: [string, string[]][] = [];
  const all = createTestSignal();
  const find = createLostJobsFinder({
    running: new Map([
      ["fal", new Set(["lease:1"])],
      ["webhooks", new Set()],
    ]),
    async free(queue, tokens) {
      asked.push([queue, [...tokens]]);
      all.fire();
      if (queue === "fal") throw new Error("away again");
      return { count: 1, refs: [] };
    },
    log,
    afterMs: 1,
  });
  find();
  await all.reached(2, 5000);
  expect(asked).toEqual([
    ["fal", ["lease:1"]],
    ["webhooks", []],
  ]);
});
