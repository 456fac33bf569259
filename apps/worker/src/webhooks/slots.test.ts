import { describe, expect, test } from "vitest";
import { createTestClock } from "../../../../tests/support/signals.js";
import { createReceiverSlots, type ReceiverSlotsOptions } from "./slots.js";

const SLOW = "https://slow.example.com/hook";
const HEALTHY = "https://healthy.example.com/hook";
const taken = expect.any(Function);
const refused = expect.any(Number);

function open(options: Partial<ReceiverSlotsOptions> = {}) {
  const clock = createTestClock();
  const slots = createReceiverSlots({ capacity: 200, monotonicNow: clock.now, random: () => 0.999_999, ...options });
  const fill = (url: string, count: number) => Array.from({ length: count }, () => slots.enter(url));
  /** How long the refused ones are told to wait, in ms. */
  const waits = (count: number) => fill(SLOW, count).filter((slot) => typeof slot === "number");
  return { clock, slots, fill, waits };
}
const release = (entered: ((() => void) | number)[]) => {
  for (const slot of entered) if (typeof slot === "function") slot();
};
const countTaken = (entered: unknown[]) => entered.filter((slot) => typeof slot === "function").length;

describe("receiver slots", () => {
  test("one receiver gets twenty slots for all its paths, and other receivers have their own", () => {
    const { slots, fill } = open();
    expect(countTaken(fill(SLOW, 300))).toBe(20);
    expect(slots.enter("https://slow.example.com/another")).toEqual(refused);
    expect(slots.enter(HEALTHY)).toEqual(taken);
    expect(slots.enter("http://slow.example.com/")).toEqual(taken);
  });

  test.each([1, 2, 5, 10, 50])(
    "slow receivers leave a slot free in a worker of %i, no matter how many they are",
    (capacity) => {
      const { slots, fill } = open({ capacity });
      const held = Array.from({ length: 40 }, (_, n) => countTaken(fill(`https://slow-${n}.example.com/`, 30)));
      const free = capacity - held.reduce((sum, count) => sum + count);
      expect(Math.max(...held)).toBeLessThanOrEqual(Math.ceil(capacity / 2));
      // Two slow receivers may have a third of the slots each; the last slot is for a receiver without any.
      const two = open({ capacity });
      for (const n of [1, 2]) two.fill(`https://slow-${n}.example.com/`, 30);
      if (capacity > 2) expect(two.slots.enter(HEALTHY)).toEqual(taken);
      expect(free).toBeGreaterThanOrEqual(0);
      if (free > 0) expect(slots.enter(HEALTHY)).toEqual(taken);
    },
  );

  test("a healthy receiver that finds a full worker may ask again soon, no matter how long the others hang", () => {
    const { clock, slots, fill } = open();
    for (let n = 0; n < 30; n += 1) fill(`https://slow-${n}.example.com/`, 30);
    clock.advance(14_000);
    expect(slots.enter(HEALTHY)).toBeLessThan(200);
  });

  test("receivers that hung once get few slots afterwards, so that they do not fill the worker again", () => {
    const { clock, slots, fill } = open();
    const hung = Array.from({ length: 14 }, (_, n) => `https://slow-${n}.example.com/`);
    const first = hung.flatMap((url) => fill(url, 30));
    expect(countTaken(first)).toBe(200);
    clock.advance(15_000);
    release(first);
    expect(hung.map((url) => countTaken(fill(url, 30)))).toEqual(hung.map(() => 2));
    expect(slots.enter(HEALTHY)).toEqual(taken);
  });

  test("a slow receiver gets all its slots again after a quick answer, or after a while", () => {
    const { clock, fill } = open();
    const hung = fill(SLOW, 20);
    clock.advance(15_000);
    release(hung);
    const few = fill(SLOW, 20);
    expect(countTaken(few)).toBe(2);
    clock.advance(100);
    release(few);
    expect(countTaken(fill(SLOW, 20))).toBe(20);
    const other = fill(HEALTHY, 1);
    clock.advance(15_000);
    release(other);
    clock.advance(60_000);
    expect(countTaken(fill(HEALTHY, 30))).toBe(20);
  });

  test("a slot that is released twice is free once", () => {
    const { slots, fill } = open();
    const [first] = fill(SLOW, 20);
    release([first ?? 0, first ?? 0]);
    expect(slots.enter(SLOW)).toEqual(taken);
    expect(slots.enter(SLOW)).toEqual(refused);
  });

  test("deliveries to a receiver that hangs wait longer and longer, up to half a minute", () => {
    const { clock, fill, waits } = open();
    fill(SLOW, 20);
    clock.advance(5000);
    const told = waits(500);
    expect(told[0]).toBeLessThan(500);
    expect(told.slice(0, 50)).toEqual(told.slice(0, 50).toSorted((a, b) => a - b));
    expect(new Set(told.slice(0, 50)).size).toBe(50);
    expect(Math.max(...told)).toBeGreaterThan(29_000);
    expect(Math.max(...told)).toBeLessThanOrEqual(30_000);
  });

  test("in a burst to a quick receiver, a delivery waits as long as the attempts before it take", () => {
    const { clock, fill, waits } = open();
    const first = fill(SLOW, 20);
    clock.advance(10);
    release(first.slice(1));
    fill(SLOW, 19);
    const told = waits(1000);
    // Twenty at a time, ten milliseconds each.
    expect(Math.max(...told)).toBeGreaterThan(400);
    expect(Math.max(...told)).toBeLessThan(600);
  });

  test("one attempt that hangs does not slow down a burst to the same receiver", () => {
    const { clock, fill, waits } = open();
    fill(SLOW, 1);
    clock.advance(10_000);
    fill(SLOW, 19);
    // Nothing is known about its pace, so the guess is 50 ms.
    expect(Math.max(...waits(1000))).toBeLessThan(3000);
  });

  test("waits are jittered downwards only", () => {
    const [low, high] = [0, 0.999_999].map((random) => {
      const { fill, waits } = open({ random: () => random });
      fill(SLOW, 20);
      return waits(1)[0] ?? 0;
    });
    expect([low, high].map((ms = 0) => Math.round(ms))).toEqual([47, 52]);
  });

  test("an invalid URL gets a slot like any other", () => {
    expect(open().slots.enter("")).toEqual(taken);
  });
});
