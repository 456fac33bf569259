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
  /** What was refused is told to wait so long, ms. */
  const waits = (count: number) => fill(SLOW, count).filter((slot) => typeof slot === "number");
  return { clock, slots, fill, waits };
}
const giveBack = (entered: ((() => void) | number)[]) => {
  for (const slot of entered) if (typeof slot === "function") slot();
};
const countTaken = (entered: unknown[]) => entered.filter((slot) => typeof slot === "function").length;

describe("receiver slots", () => {
  test("a receiver has twenty at a time, whatever the path, and others have their own", () => {
    const { slots, fill } = open();
    expect(countTaken(fill(SLOW, 300))).toBe(20);
    expect(slots.enter("https://slow.example.com/another")).toEqual(refused);
    expect(slots.enter(HEALTHY)).toEqual(taken);
    expect(slots.enter("http://slow.example.com/")).toEqual(taken);
  });

  test.each([1, 2, 5, 10, 50])(
    "of a worker of %i, slow receivers leave something, however many they are",
    (capacity) => {
      const { slots, fill } = open({ capacity });
      const held = Array.from({ length: 40 }, (_, n) => countTaken(fill(`https://slow-${n}.example.com/`, 30)));
      const free = capacity - held.reduce((sum, count) => sum + count);
      expect(Math.max(...held)).toBeLessThanOrEqual(Math.ceil(capacity / 2));
      // With two slow ones each may have a third; the last one left is for whoever has none.
      const two = open({ capacity });
      for (const n of [1, 2]) two.fill(`https://slow-${n}.example.com/`, 30);
      if (capacity > 2) expect(two.slots.enter(HEALTHY)).toEqual(taken);
      expect(free).toBeGreaterThanOrEqual(0);
      if (free > 0) expect(slots.enter(HEALTHY)).toEqual(taken);
    },
  );

  test("a healthy receiver that finds a full worker asks again soon, however long the others hang", () => {
    const { clock, slots, fill } = open();
    for (let n = 0; n < 30; n += 1) fill(`https://slow-${n}.example.com/`, 30);
    clock.advance(14_000);
    expect(slots.enter(HEALTHY)).toBeLessThan(200);
  });

  test("receivers that hung once get few slots after that, so that they do not fill the worker again", () => {
    const { clock, slots, fill } = open();
    const hung = Array.from({ length: 14 }, (_, n) => `https://slow-${n}.example.com/`);
    const first = hung.flatMap((url) => fill(url, 30));
    expect(countTaken(first)).toBe(200);
    clock.advance(15_000);
    giveBack(first);
    expect(hung.map((url) => countTaken(fill(url, 30)))).toEqual(hung.map(() => 2));
    expect(slots.enter(HEALTHY)).toEqual(taken);
  });

  test("one that answers quickly again, or after a while, has all its slots back", () => {
    const { clock, fill } = open();
    const hung = fill(SLOW, 20);
    clock.advance(15_000);
    giveBack(hung);
    const few = fill(SLOW, 20);
    expect(countTaken(few)).toBe(2);
    clock.advance(100);
    giveBack(few);
    expect(countTaken(fill(SLOW, 20))).toBe(20);
    const other = fill(HEALTHY, 1);
    clock.advance(15_000);
    giveBack(other);
    clock.advance(60_000);
    expect(countTaken(fill(HEALTHY, 30))).toBe(20);
  });

  test("what is given back is there again, once", () => {
    const { slots, fill } = open();
    const [first] = fill(SLOW, 20);
    giveBack([first ?? 0, first ?? 0]);
    expect(slots.enter(SLOW)).toEqual(taken);
    expect(slots.enter(SLOW)).toEqual(refused);
  });

  test("a receiver that does not move: each further one is told to wait longer, up to half a minute", () => {
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

  test("a quick receiver under a burst: turns follow its pace", () => {
    const { clock, fill, waits } = open();
    const first = fill(SLOW, 20);
    clock.advance(10);
    giveBack(first.slice(1));
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
    // As if nothing were known of it: the guess is 50 ms.
    expect(Math.max(...waits(1000))).toBeLessThan(3000);
  });

  test("waits are jittered downwards: none is longer than its turn", () => {
    const [low, high] = [0, 0.999_999].map((random) => {
      const { fill, waits } = open({ random: () => random });
      fill(SLOW, 20);
      return waits(1)[0] ?? 0;
    });
    expect([low, high].map((ms = 0) => Math.round(ms))).toEqual([47, 52]);
  });

  test("what is no URL does no harm", () => {
    expect(open().slots.enter("")).toEqual(taken);
  });
});
