/** Every mutation of `npm run chaos:mutations` fits the code and the tests of today. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MUTATIONS } from "../chaos/mutations/list.mjs";
import { inRoot } from "../scripts/lib/paths.mjs";

it.each(MUTATIONS)("$protection: its code occurs once, and its tests exist", ({ file, find, replace, tests }) => {
  expect(readFileSync(inRoot(file), "utf8").split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
  expect(tests.filter((path) => !existsSync(inRoot(path)))).toEqual([]);
});
