import { describe, expect, test } from "vitest";
import { createReceiverSlots } from "./receiver-slots.js";

const SLOW = "https://slow.example.com/hook";

function fill(slots: ReturnType<typeof createReceiverSlots>, url: string, count: number) {
  return Array.from({ length: count }, () => slots.enter(url));
}

describe("receiver slots", () => {
  test("a receiver has so many at a time, whatever the path, and others have their own", () => {
    const slots = createReceiverSlots(() => 0.5, 3);
    const entered = fill(slots, SLOW, 5);
    expect(entered.map((slot) => typeof slot)).toEqual(["function", "function", "function", "number", "number"]);
    expect(slots.enter("https://slow.example.com/another")).toEqual(expect.any(Number));
    expect(slots.enter("https://healthy.example.com/")).toEqual(expect.any(Function));
    expect(slots.enter("http://slow.example.com/")).toEqual(expect.any(Function));
  });

  test("what is given back is there again, once", () => {
    const slots = createReceiverSlots(() => 0.5, 1);
    const slot = slots.enter(SLOW);
    if (typeof slot === "number") throw new Error("the first slot was refused");
    slot();
    slot();
    expect(slots.enter(SLOW)).toEqual(expect.any(Function));
    expect(slots.enter(SLOW)).toEqual(expect.any(Number));
  });

  test("the more wait, the longer each is told to, within bounds", () => {
    const slots = createReceiverSlots(() => 0.5, 1);
    const waits = fill(slots, SLOW, 2000).slice(1) as number[];
    expect(waits[0]).toBeGreaterThanOrEqual(200);
    expect(waits[100]).toBeGreaterThan(waits[0] ?? 0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5000);
  });

  test("what is no URL does no harm", () => {
    expect(createReceiverSlots(() => 0).enter("")).toEqual(expect.any(Function));
  });
});
