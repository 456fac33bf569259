import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isTerminal, next, STATUSES, TRANSITIONS } from "./state.js";

const page = readFileSync(new URL("../../../../docs/states.md", import.meta.url), "utf8");

/** The rows of the table under the header `| from | event | to |`, as "from event to". */
function documented(): string[] {
  const [, rows = ""] = /\| *from *\| *event *\| *to *\|\n\|[-| ]+\|\n((?:\|.*\|\n?)+)/.exec(page) ?? [];
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

/** The arrows of the picture, one entry per event. */
function drawn(): string[] {
  return [...page.matchAll(/^ +(\w+) --> (\w+): ([\w, ]+)$/gm)]
    .filter(([, from]) => from !== undefined)
    .flatMap(([, from, to, events = ""]) => events.split(",").map((event) => `${from} ${event.trim()} ${to}`));
}

const coded = STATUSES.flatMap((from) =>
  TRANSITIONS.flatMap((event) => {
    const to = next(from, event);
    return to === null ? [] : [`${from} ${event} ${to}`];
  }),
);

describe("the state table", () => {
  test("says in code what docs/states.md says, and the other way round", () => {
    expect(documented()).toHaveLength(coded.length);
    expect(new Set(documented())).toEqual(new Set(coded));
  });

  test("is drawn in docs/states.md as it is", () => {
    expect(new Set(drawn())).toEqual(new Set(coded));
  });

  test("every status and every event has its words in docs/states.md", () => {
    for (const name of [...STATUSES, ...TRANSITIONS])
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| \\S`, "m"));
  });

  test("a status only moves forward", () => {
    for (const from of STATUSES) {
      for (const event of TRANSITIONS) {
        const to = next(from, event);
        if (to !== null) expect(STATUSES.indexOf(to)).toBeGreaterThanOrEqual(STATUSES.indexOf(from));
      }
    }
  });

  test.each(["completed", "failed"] as const)("%s is terminal: no event leads out of it", (status) => {
    expect(isTerminal(status)).toBe(true);
    expect(TRANSITIONS.map((event) => next(status, event))).toEqual(TRANSITIONS.map(() => null));
  });

  test.each(["pending", "processing"] as const)("%s is not terminal, and can always fail or be cancelled", (status) => {
    expect(isTerminal(status)).toBe(false);
    expect(next(status, "failed")).toBe("failed");
    expect(next(status, "cancel_requested")).toBe(status);
  });
});
