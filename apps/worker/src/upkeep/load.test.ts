import { expect, onTestFinished, test, vi } from "vitest";
import { watchLoad } from "./load.js";

const told: [queue: string, waiting: number][] = [];
const RHYTHM = { minMs: 500, maxMs: 5000, maxPerSecond: 100 };

interface Queue {
  sleeping: number;
  /** How many of them are due within a time (ms). */
  dueWithin?: (ms: number) => number;
}

function watching(queueOf: (queue: string) => Queue, waiting = 0) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  told.splice(0);
  const load = watchLoad(
    new Map([
      ["fal", RHYTHM],
      ["runway", RHYTHM],
    ]),
    {
      sleeping: async (queue) => queueOf(queue).sleeping,
      dueWithin: async (queue, ms) => queueOf(queue).dueWithin?.(ms) ?? 0,
      waiting: async () => waiting,
      onWaiting: (queue, count) => void told.push([queue, count]),
    },
  );
  onTestFinished(load.close);
  return load;
}

test("load: knows after a second how many jobs sleep in each queue", async () => {
  const load = watching((queue) => ({ sleeping: queue === "fal" ? 7000 : 3 }));
  expect(load.of("fal").inFlight).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(["fal", "runway", "nobody"].map((queue) => load.of(queue).inFlight)).toEqual([7000, 3, 0]);
});

test("load: counts the jobs that are polled in turns, also when a turn takes long", async () => {
  // 1,000 jobs in turns of 10 s, and others that sleep for longer.
  const load = watching(() => ({ sleeping: 9000, dueWithin: (ms) => Math.min(1000, ms / 10) }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(load.of("fal").dueSoon).toBe(550);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(load.of("fal").dueSoon).toBe(1000);
});

test("load: requests that wait for a slot are told, and are not in flight", async () => {
  const load = watching((queue) => ({ sleeping: queue === "fal" ? 1250 : 900, dueWithin: () => 100 }), 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect([load.of("fal"), load.of("runway")]).toEqual([
    { inFlight: 250, dueSoon: 20 },
    { inFlight: 0, dueSoon: 0 },
  ]);
  expect(told).toEqual([
    ["fal", 1000],
    ["runway", 1000],
  ]);
});

test("load: keeps the last counts while Redis is unavailable", async () => {
  let away = false;
  const load = watching(() => {
    if (away) throw new Error("Redis is away");
    return { sleeping: 12 };
  });
  await vi.advanceTimersByTimeAsync(1000);
  away = true;
  await vi.advanceTimersByTimeAsync(5000);
  expect(load.of("fal").inFlight).toBe(12);
});
