import { describe, expect, test } from "vitest";
import { testIo } from "../../test-support/io.js";
import { createProgress, progressLine } from "./progress.js";

const at = { seconds: 12.9, columns: 65 };

describe("the line", () => {
  test.each([
    { is: { status: "pending", progress: null, queuePosition: null }, says: "░░░░░░░░░░░░░░░░░░░░ pending 12 s" },
    {
      is: { status: "processing", progress: 0.5, queuePosition: null },
      says: "██████████░░░░░░░░░░ 50 % processing 12 s",
    },
    {
      is: { status: "completed", progress: 1, queuePosition: null },
      says: "████████████████████ 100 % completed 12 s",
    },
    {
      is: { status: "processing", progress: null, queuePosition: 3 },
      says: "░░░░░░░░░░░░░░░░░░░░ processing (queue position 3) 12 s",
    },
  ] as const)("$says", ({ is, says }) => expect(progressLine(is, at)).toBe(says));

  test("creeps where the provider tells nothing, never says how far it is, and is never full", () => {
    const unknown = { status: "processing", progress: null, queuePosition: null } as const;
    const cells = [1, 30, 90, 9000].map((seconds) => {
      const line = progressLine(unknown, { seconds, columns: 80 });
      expect(line).not.toContain("%");
      expect(line).toContain("░");
      return line.split("█").length;
    });
    expect(cells).toEqual(cells.toSorted((a, b) => a - b));
    expect(new Set(cells).size).toBe(4);
  });

  test("fits narrow terminals", () => {
    const is = { status: "processing", progress: 0.25, queuePosition: null } as const;
    expect(progressLine(is, { seconds: 1, columns: 40 }).length).toBeLessThanOrEqual(40);
  });
});

test("there is none in a pipe, in a terminal that cannot show it, or when it is to be quiet", () => {
  for (const [io, quiet] of [
    [testIo(), false],
    [testIo({ terminal: true }), true],
    [testIo({ terminal: true, env: { ...testIo().env, isDumb: true } }), false],
  ] as const) {
    const progress = createProgress(io, { quiet });
    progress.show({ status: "processing", progress: 0.5, queuePosition: null });
    progress.stop();
    expect([progress.isShown, io.err()]).toEqual([false, ""]);
  }
});

test("in a terminal it leaves no setting behind, however often it is stopped", () => {
  const io = testIo({ terminal: true });
  const progress = createProgress(io, { quiet: false });
  progress.stop();
  progress.stop();
  // Neither a hidden cursor nor lines that do not wrap.
  expect(io.err()).not.toMatch(/\[\?(25l|7l)/);
  expect(io.err().endsWith("\x1b[2K")).toBe(true);
});
