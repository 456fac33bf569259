/** Generated files are up to date with their sources. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { generatedFiles } from "../scripts/lib/generated/files.mjs";

test.each(
  Object.entries(await generatedFiles()).map(([path, content]) => ({ file: relative(process.cwd(), path), content })),
)("$file is up to date (npm run generate)", ({ file, content }) => {
  expect(readFileSync(file, "utf8")).toBe(content);
});
