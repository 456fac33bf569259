#!/usr/bin/env node
/**
 * `npm run chaos:mutations`: takes out each protection of list.mjs in turn, in this working tree, and prints which test
 * notices. Every file is put back, also after Ctrl-C. Fails when a protection is not noticed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { createReport } from "../../scripts/lib/progress.mjs";
import { findRedisServer } from "../../scripts/lib/stack/redis.mjs";
import { MUTATIONS } from "./list.mjs";

const LIMIT_MS = 180_000;
const report = createReport();

/** The first failed test, or null when all passed. @param {string[]} tests @param {string} redisServer */
function firstFailure(tests, redisServer) {
  const dir = mkdtempSync(join(tmpdir(), "visgate-mutation-"));
  const file = join(dir, "results.json");
  const args = ["run", "--bail=1", "--reporter=json", `--outputFile=${file}`, ...tests];
  const env = { ...process.env, REDIS_SERVER: redisServer };
  const { status } = spawnSync(inRoot("node_modules/.bin/vitest"), args, {
    ...{ cwd: inRoot("."), env, stdio: "ignore", timeout: LIMIT_MS },
  });
  try {
    if (status === 0) return null;
    const { testResults } = JSON.parse(readFileSync(file, "utf8"));
    const failed = testResults
      .flatMap((/** @type {any} */ { assertionResults }) => assertionResults)
      .find((/** @type {any} */ { status }) => status === "failed");
    return failed?.fullName ?? "the file did not load";
  } catch {
    return "the tests did not end in time";
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {import("./list.mjs").Mutation} mutation @param {string} redisServer */
function tryMutation({ file, find, replace, tests }, redisServer) {
  const path = inRoot(file);
  const source = readFileSync(path, "utf8");
  if (source.split(find).length !== 2) throw new Error(`${file} must hold this once: ${find}`);
  const putBack = () => writeFileSync(path, source);
  const stop = () => {
    putBack();
    process.exit(130);
  };
  process.once("SIGINT", stop);
  try {
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
    return firstFailure(tests, redisServer);
  } finally {
    putBack();
    process.off("SIGINT", stop);
  }
}

const changed = execFileSync("git", ["status", "--porcelain", "--", ...MUTATIONS.map(({ file }) => inRoot(file))], {
  cwd: inRoot("."),
  encoding: "utf8",
});
if (changed !== "") {
  report.line(`Commit these files first, because they are changed for a moment:\n${changed}`);
  process.exit(1);
}
const redisServer = process.env["REDIS_SERVER"] || (await findRedisServer({ install: true, report }));
let unnoticed = 0;
for (const mutation of MUTATIONS) {
  const test = tryMutation(mutation, redisServer);
  if (test === null) unnoticed += 1;
  report.line(
    `${test === null ? "NOT NOTICED" : "noticed"}  ${mutation.protection}${test === null ? "" : `: ${test}`}`,
  );
}
report.line(`\n${MUTATIONS.length - unnoticed} of ${MUTATIONS.length} mutations were noticed`);
process.exit(unnoticed === 0 ? 0 : 1);
