#!/usr/bin/env node
/** `npm test`, and what CI runs: everything from a fresh clone; stops at the first step that fails. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { describeFailure } from "./lib/failure.mjs";
import { readJson } from "./lib/files.mjs";
import { install, isInstalled } from "./lib/install.mjs";
import { inRoot } from "./lib/paths.mjs";
import { createReport } from "./lib/progress.mjs";
import { findRedisServer } from "./lib/redis.mjs";
import { run } from "./lib/run.mjs";
import { findS3Server } from "./lib/s3-server.mjs";

const bin = (/** @type {string} */ name) => inRoot("node_modules/.bin", name);
const say = (/** @type {string} */ title) => console.log(`\n== ${title}`);

/** A step that failed, with the exit code to end with. */
class StepFailed extends Error {
  constructor(/** @type {string} */ title, /** @type {number} */ code) {
    super(`${title} failed (exit code ${code})`);
    this.code = code;
  }
}

/** @param {string} title @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function step(title, command, args, env) {
  say(title);
  const { code, error } = await run(command, args, { env: { ...process.env, ...env } });
  if (error) throw error;
  if (code !== 0) throw new StepFailed(title, code ?? 1);
}

async function checkSources() {
  if (!isInstalled()) {
    say("Install (npm ci)");
    await install();
  }
  say("Build");
  await build();
  await step("Lint", bin("biome"), ["check", "."]);
  for (const project of ["scripts", "tests", "packages/simulator/test-support"]) {
    await step(`Types of ${project}`, bin("tsc"), ["-p", project]);
  }
}

/** @param {string} resultsFile */
async function runTests(resultsFile) {
  const { env } = process;
  const report = createReport();
  const redisServer = env["REDIS_SERVER"] || (await findRedisServer({ install: true, report }));
  const s3Server = env["S3_SERVER"] || (await findS3Server({ report }));
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${resultsFile}`];
  const args = ["run", ...reporters, ...process.argv.slice(2)];
  await step("Tests", bin("vitest"), args, { REDIS_SERVER: redisServer, S3_SERVER: s3Server });
}

/** A file that does not even load has no failed test in it: it counts as one. @param {string} resultsFile */
function countTests(resultsFile) {
  const results = readJson(resultsFile) ?? {};
  const files = /** @type {{ status: string, assertionResults: unknown[] }[]} */ (results["testResults"] ?? []);
  const unloaded = files.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  return { passed: results["numPassedTests"] ?? 0, failed: (results["numFailedTests"] ?? 0) + unloaded };
}

const temporaryDir = mkdtempSync(join(tmpdir(), "visgate-test-"));
const resultsFile = join(temporaryDir, "results.json");
let exitCode = 0;
try {
  await checkSources();
  await runTests(resultsFile);
} catch (error) {
  exitCode = error instanceof StepFailed ? error.code : 1;
  console.error(`\n${error instanceof StepFailed ? error.message : describeFailure(error)}`);
}
const { passed, failed } = countTests(resultsFile);
rmSync(temporaryDir, { recursive: true, force: true });
if (exitCode === 0 && passed + failed === 0) exitCode = 1; // a run without a single test proves nothing
console.log(`\n${passed} passed, ${exitCode === 0 ? failed : Math.max(failed, 1)} failed`);
process.exitCode = exitCode;
