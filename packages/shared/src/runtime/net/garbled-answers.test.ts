import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const READER = fileURLToPath(new URL("../../../../../tests/support/garbled-answers.mjs", import.meta.url));

test("lean fetch and guard: 200 garbled answers do not end the process", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [READER, "200", "1"]);
  const { read, failed } = JSON.parse(stdout);
  expect(read + failed).toBe(800);
  // Some of the damaged answers can be read, some cannot.
  expect(Math.min(read, failed)).toBeGreaterThan(200);
});
