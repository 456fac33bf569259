import { expect, onTestFinished, test, vi } from "vitest";
import { watchLoad } from "./load.js";

const told: [queue: string, waiting: number][] = [];

function watching(sleeping: (queue: string) => Promise<number>, waiting = 0) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  told.splice(0);
  const onWaiting = (queue: string, count: number) => void told.push([queue, count]);
  const load = watchLoad(["fal", "runway"], { sleeping, waiting: async () => waiting, onWaiting });
  onTestFinished(load.close);
  return load;
}

test("load: knows after a second how many jobs sleep in each queue", async () => {
  const counts: Record<string, number> = { fal: 7000, runway: 3 };
  const load = watching(async (queue) => counts[queue] ?? 0);
  expect(load.inFlight("fal")).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect([load.inFlight("fal"), load.inFlight("runway"), load.inFlight("nobody")]).toEqual([7000, 3, 0]);
});

test("load: requests that wait for a slot are told, and are not in flight", async () => {
  const load = watching(async (queue) => (queue === "fal" ? 1002 : 900), 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect([load.inFlight("fal"), load.inFlight("runway")]).toEqual([2, 0]);
  expect(told).toEqual([
    ["fal", 1000],
    ["runway", 1000],
  ]);
});

test("load: keeps the last counts while Redis is unavailable", async () => {
  let away = false;
  const load = watching(async () => {
    if (away) throw new Error("Redis is away");
    return 12;
  });
  await vi.advanceTimersByTimeAsync(1000);
  away = true;
  await vi.advanceTimersByTimeAsync(5000);
  expect(load.inFlight("fal")).toBe(12);
});
