import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DISASTERS } from "./disasters.js";

test("docs/simulator.md has one line for each disaster, with what it strikes", async () => {
  const page = await readFile(new URL("../../../../docs/simulator.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (\w+) /gm)].map(([, name, strikesAt]) => [name, strikesAt]);
  expect(Object.fromEntries(rows)).toEqual(DISASTERS);
  expect(rows).toHaveLength(Object.keys(DISASTERS).length);
});
