import type { Freed } from "@visgate/shared/queue";
import { createLogger } from "@visgate/shared/runtime";
import { describe, expect, test } from "vitest";
import { createWakeSignal } from "../../../../tests/support/signals.js";
import { until } from "../../../../tests/support/until.js";
import { createTakeOver, type TakenOver } from "./take-over.js";

const NOTHING: Freed = { count: 0, refs: [] };
const ONE: Freed = { count: 1, refs: [{ organization: "acme", id: "1" }] };

function createBench(free: (leaseId: string, queue: string) => Promise<Freed>) {
  const done: string[] = [];
  const taken: TakenOver[] = [];
  const lines: string[] = [];
  const buried = createWakeSignal();
  const takeOver = createTakeOver({
    queues: ["fal", "webhooks"],
    async free(leaseId, queue) {
      const freed = await free(leaseId, queue);
      done.push(queue);
      return freed;
    },
    async bury(leaseId) {
      done.push(`bury ${leaseId}`);
      buried.ring();
    },
    onTakenOver: (one) => taken.push(one),
    log: createLogger({
      level: "info",
      service: "worker",
      secretNames: [],
      destination: { write: (line) => void lines.push(line) },
    }),
  });
  return { takeOver, done, taken, lines, buried };
}

describe("a take-over", () => {
  test("frees the jobs in all queues, reports the queues that had some, and removes the lease last", async () => {
    const bench = createBench(async (_, queue) => (queue === "fal" ? ONE : NOTHING));
    bench.takeOver("dead");
    await bench.buried.rung(1);
    expect(bench.done).toEqual(["fal", "webhooks", "bury dead"]);
    expect(bench.taken).toEqual([{ lease: "dead", queue: "fal", ...ONE }]);
  });

  test("runs once at a time, however often it is called", async () => {
    let asked = 0;
    const go = createWakeSignal();
    const gone = go.rung(1);
    const bench = createBench(async () => {
      asked += 1;
      await gone;
      return NOTHING;
    });
    for (let beat = 0; beat < 5; beat += 1) bench.takeOver("dead");
    go.ring();
    await bench.buried.rung(1);
    expect(asked).toBe(2);
  });

  test("that fails keeps the lease, and the next heartbeat tries again", async () => {
    let fails = true;
    const bench = createBench(async (_, queue) => {
      if (fails && queue === "webhooks") throw new Error("Redis is away");
      return NOTHING;
    });
    bench.takeOver("dead");
    await until("it to fail", () => bench.lines.some((line) => line.includes("the next heartbeat tries again")));
    expect(bench.buried.rings()).toBe(0);
    fails = false;
    bench.takeOver("dead");
    await bench.buried.rung(1);
  });
});
