import { expect, onTestFinished, test, vi } from "vitest";
import { watchLoad } from "./load.js";

function watching(sleeping: (queue: string) => Promise<number>) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const load = watchLoad(["fal", "runway"], { sleeping });
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
