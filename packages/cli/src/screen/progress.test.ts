import { describe, expect, test } from "vitest";
import { testIo } from "../../test-support/io.js";
import { createProgress, progressLine } from "./progress.js";

describe("progressLine", () => {
  test.each([
    { state: { status: "pending", progress: null, queuePosition: null }, line: "░░░░░░░░░░░░░░░░░░░░ pending 12 s" },
    {
      state: { status: "processing", progress: 0.5, queuePosition: null },
      line: "██████████░░░░░░░░░░ 50 % processing 12 s",
    },
    {
      state: { status: "completed", progress: 1, queuePosition: null },
      line: "████████████████████ 100 % completed 12 s",
    },
    {
      state: { status: "processing", progress: null, queuePosition: 3 },
      line: "░░░░░░░░░░░░░░░░░░░░ processing (queue position 3) 12 s",
    },
  ] as const)("shows $line", ({ state, line }) => {
    expect(progressLine(state, { seconds: 12.9, columns: 65 })).toBe(line);
  });

  test("grows without a percentage and never gets full when the provider reports no progress", () => {
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

  test("fits into a narrow terminal", () => {
    const state = { status: "processing", progress: 0.25, queuePosition: null } as const;
    expect(progressLine(state, { seconds: 1, columns: 40 }).length).toBeLessThanOrEqual(40);
  });
});

describe("createProgress", () => {
  test("shows nothing in a pipe, in a dumb terminal, or with --quiet", () => {
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

  test("leaves the terminal as it was, also when it is stopped twice", () => {
    const io = testIo({ terminal: true });
    const progress = createProgress(io, { quiet: false });
    progress.stop();
    progress.stop();
    // It must not hide the cursor, nor turn off line wrapping.
    expect(io.err()).not.toMatch(/\[\?(25l|7l)/);
    expect(io.err().endsWith("\x1b[2K")).toBe(true);
  });
});
