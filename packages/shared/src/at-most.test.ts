import { expect, test } from "vitest";
import { atMost } from "./at-most.js";

test("atMost: never runs more than the maximum, runs all in order, and goes on after one that throws", async () => {
  const inTurn = atMost(2);
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4].map((number) =>
      inTurn(async () => {
        begun.push(number);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (number === 1) throw new Error("one failed");
        return number;
      }),
    ),
  );
  expect([most, begun]).toEqual([2, [0, 1, 2, 3, 4]]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"]);
});
