import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isTerminal, next, STATUSES, TRANSITIONS } from "./state.js";

const page = readFileSync(new URL("../../../../docs/states.md", import.meta.url), "utf8");

/** The rows of the table of transitions in docs/states.md, as "from transition to". */
function documented(): string[] {
  const [, rows = ""] = /\| *from *\| *(?:event|transition) *\| *to *\|\n\|[-| ]+\|\n((?:\|.*\|\n?)+)/.exec(page) ?? [];
  return rows
    .trim()
    .split("\n")
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim())
        .join(" "),
    );
}

/** The arrows of the diagram, one entry per transition. */
function drawn(): string[] {
  return [...page.matchAll(/^ +(\w+) --> (\w+): ([\w, ]+)$/gm)]
    .filter(([, from]) => from !== undefined)
    .flatMap(([, from, to, names = ""]) => names.split(",").map((name) => `${from} ${name.trim()} ${to}`));
}

const coded = STATUSES.flatMap((from) =>
  TRANSITIONS.flatMap((transition) => {
    const to = next(from, transition);
    return to === null ? [] : [`${from} ${transition} ${to}`];
  }),
);

describe("the state table", () => {
  test("equals the table in docs/states.md", () => {
    expect(documented()).toHaveLength(coded.length);
    expect(new Set(documented())).toEqual(new Set(coded));
  });

  test("equals the diagram in docs/states.md", () => {
    expect(new Set(drawn())).toEqual(new Set(coded));
  });

  test("every status and every transition is explained in docs/states.md", () => {
    for (const name of [...STATUSES, ...TRANSITIONS])
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| \\S`, "m"));
  });

  test("no transition leads back to an earlier status", () => {
    for (const from of STATUSES) {
      for (const transition of TRANSITIONS) {
        const to = next(from, transition);
        if (to !== null) expect(STATUSES.indexOf(to)).toBeGreaterThanOrEqual(STATUSES.indexOf(from));
      }
    }
  });

  test.each(["completed", "failed"] as const)("%s is terminal: no transition leads out of it", (status) => {
    expect(isTerminal(status)).toBe(true);
    const after = new Set(TRANSITIONS.map((transition) => next(status, transition)));
    after.delete(null);
    expect([...after].filter((other) => other !== status)).toEqual([]);
  });

  test.each(["pending", "processing"] as const)("%s is not terminal: it can always fail or be cancelled", (status) => {
    expect(isTerminal(status)).toBe(false);
    expect(next(status, "failed")).toBe("failed");
    expect(next(status, "cancel_requested")).toBe(status);
  });
});
