import { describe, expect, test } from "vitest";
import { IDLE, type PollLoad, pollDelay, soonMs } from "./rhythm.js";

const RHYTHM = { minMs: 500, maxMs: 5000, maxPerSecond: 100 };
const ALONE = { ageMs: 0, awaitsReport: false, usualMs: 90_000, load: IDLE, random: 0.5 };

describe("pollDelay", () => {
  test.each([
    { ageMs: 0, waits: 500 },
    { ageMs: 5000, waits: 500 },
    { ageMs: 20_000, waits: 2000 },
    { ageMs: 50_000, waits: 5000 },
    { ageMs: 3_600_000, waits: 5000 },
    { ageMs: -10_000, waits: 500 },
  ])("a job that is $ageMs ms old is polled after $waits ms", ({ ageMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs })).toBe(waits);
  });

  test.each([
    { ageMs: 0, waits: 30_000 },
    { ageMs: 600_000, waits: 60_000 },
    { ageMs: 3_600_000, waits: 120_000 },
  ])("a job with a webhook that is $ageMs ms old is polled after $waits ms", ({ ageMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs, awaitsReport: true })).toBe(waits);
  });

  test.each([
    { usualMs: 2000, waits: 5000 },
    { usualMs: 12_000, waits: 12_000 },
    { usualMs: 90_000, waits: 30_000 },
  ])("a job with a webhook that usually takes $usualMs ms is polled first after $waits ms", ({ usualMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, awaitsReport: true, usualMs })).toBe(waits);
  });

  test.each([
    { jobs: 10, waits: 500 },
    { jobs: 100, waits: 1000 },
    { jobs: 500, waits: 5000 },
  ])("with $jobs jobs that are polled in turns each is polled after $waits ms", ({ jobs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, load: { inFlight: 9999, dueSoon: jobs } })).toBe(waits);
  });

  test.each([
    { ageMs: 0, waits: 45_000 },
    { ageMs: 20_000, waits: 25_000 },
    { ageMs: 44_000, waits: 6000 },
    { ageMs: 80_000, waits: 6000 },
  ])("with more jobs than that, one that is $ageMs ms old of usually 90 s is polled after $waits ms", (example) => {
    const load = { inFlight: 9999, dueSoon: 600 };
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs: example.ageMs, load })).toBe(example.waits);
  });

  test("with a webhook all jobs count", () => {
    const load = { inFlight: 10_000, dueSoon: 600 };
    expect(pollDelay(RHYTHM, { ...ALONE, awaitsReport: true, load })).toBe(100_000);
  });

  test("jitter never makes a poll earlier than the minimum", () => {
    expect(pollDelay(RHYTHM, { ...ALONE, random: 0 })).toBe(500);
    expect(pollDelay(RHYTHM, { ...ALONE, random: 0.999 })).toBe(550);
  });
});

/** Every 50 ms a render of usually 90 s begins, so about 1,800 are in flight. Each ends after a time of its own. */
function simulate({ seconds, timesMs }: { seconds: number; timesMs: readonly number[] }) {
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  let sleeping: { startedAt: number; endsAt: number; dueAt: number }[] = [];
  const lags: number[] = [];
  const polls: number[] = [];
  let load: PollLoad = IDLE;
  const delay = (ageMs: number) =>
    pollDelay(RHYTHM, { ageMs, awaitsReport: false, usualMs: 90_000, load, random: random() });
  for (let now = 0; now < seconds * 1000; now += 1000) {
    const soon = now + soonMs(RHYTHM, load);
    load = { inFlight: sleeping.length, dueSoon: sleeping.filter(({ dueAt }) => dueAt <= soon).length };
    for (let startedAt = now; startedAt < now + 1000; startedAt += 50) {
      const endsAt = startedAt + (timesMs[Math.floor(random() * timesMs.length)] ?? 0);
      sleeping.push({ startedAt, endsAt, dueAt: startedAt + delay(0) });
    }
    let count = 0;
    for (const job of sleeping) {
      for (; job.dueAt < now + 1000; job.dueAt += delay(job.dueAt - job.startedAt)) {
        count += 1;
        if (job.dueAt < job.endsAt) continue;
        lags.push(job.dueAt - job.endsAt);
        job.dueAt = Number.POSITIVE_INFINITY;
      }
    }
    sleeping = sleeping.filter(({ dueAt }) => dueAt < Number.POSITIVE_INFINITY);
    polls.push(count);
  }
  lags.sort((one, other) => one - other);
  return { p99: lags[Math.floor(lags.length * 0.99)] ?? Number.NaN, polls };
}

test("with eighteen jobs for each poll a second, those near their end get the polls", () => {
  const { p99, polls } = simulate({ seconds: 600, timesMs: [55_000, 70_000, 85_000, 90_000, 100_000, 140_000] });
  const settled = polls.slice(300);
  const perSecond = settled.reduce((sum, count) => sum + count, 0) / settled.length;
  expect(perSecond).toBeLessThan(RHYTHM.maxPerSecond * 1.1);
  // In turns each would be polled every 18 s, and the p99 would be 18 s too.
  expect(p99).toBeLessThan(15_000);
});
