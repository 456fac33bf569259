#!/usr/bin/env node
/**
 * `npm test`, and what CI runs: everything from a fresh clone. A step that fails ends the run. With arguments, which
 * go to Vitest (`npm test -- tests/e2e/cache`), only what the chosen tests need.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFailure } from "./lib/failure.mjs";
import { inRoot } from "./lib/paths.mjs";
import { run } from "./lib/processes/run.mjs";
import { build, isBuilt } from "./lib/programs/build.mjs";
import { findChromium } from "./lib/programs/chromium.mjs";
import { findFaketime } from "./lib/programs/faketime.mjs";
import { findHelm } from "./lib/programs/helm.mjs";
import { install, isInstalled } from "./lib/programs/install.mjs";
import { findKubernetesSchemas } from "./lib/programs/kubernetes-schemas.mjs";
import { findNode } from "./lib/programs/node-versions.mjs";
import { findPython, PYTHON_SDK } from "./lib/programs/python.mjs";
import { findS3Server } from "./lib/programs/s3-server.mjs";
import { findSchemathesis } from "./lib/programs/schemathesis.mjs";
import { plainReport } from "./lib/progress.mjs";
import { findRedisServer } from "./lib/stack/redis.mjs";
import { countPytest, readVitest } from "./lib/test-results.mjs";

const bin = (/** @type {string} */ name) => inRoot("node_modules/.bin", name);
const say = (/** @type {string} */ title) => console.log(`\n== ${title}`);
const report = plainReport();

/** The tests of the Python SDK take two to three minutes. */
const PYTEST_LIMIT_MS = 600_000;

/** A step that failed, with the exit code to end with. */
class StepFailed extends Error {
  constructor(/** @type {string} */ title, /** @type {number} */ code) {
    super(`${title} failed (exit code ${code})`);
    this.code = code;
  }
}

/**
 * @param {string} title @param {string} command @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, logFile?: string, limitMs?: number }} [how]
 */
async function step(title, command, args, { env, cwd, logFile, limitMs } = {}) {
  if (logFile === undefined) say(title);
  const signal = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
  const { code, error } = await run(command, args, { env: { ...process.env, ...env }, cwd, logFile, signal });
  if (error) throw error;
  if (code !== 0) throw new StepFailed(title, code ?? 1);
}

async function installPackages() {
  if (isInstalled()) return;
  say("Install (npm ci)");
  await install();
}

async function buildPrograms() {
  if (isBuilt()) return;
  say("Build");
  await build();
}

async function checkSources() {
  await step("Lint", bin("biome"), ["check", "."]);
  for (const project of ["scripts", "tests"]) await step(`Types of ${project}`, bin("tsc"), ["-p", project]);
}

async function findRedis() {
  return { REDIS_SERVER: process.env["REDIS_SERVER"] || (await findRedisServer({ install: true, report })) };
}

/** What the unit tests need beside Redis. */
async function findUnitPrograms() {
  await findKubernetesSchemas({ report });
  return {
    HELM: (await findHelm({ report })) ?? "",
    S3_SERVER: process.env["S3_SERVER"] || (await findS3Server({ report })),
    LIBFAKETIME: (await findFaketime({ report })) ?? "",
  };
}

/** What the tests of clients and whole stacks need too. */
async function findOtherPrograms() {
  await findPython({ report });
  // Schemathesis needs a newer Python than the SDK. Without one its test is skipped, and says so.
  await findSchemathesis({ report }).catch(() => {});
  return { CHROMIUM: await findChromium({ report }), NODE_24: await findNode(24, { report }) };
}

/** @param {string} title @param {string} resultsFile @param {NodeJS.ProcessEnv} env @param {string[]} args */
async function runVitest(title, resultsFile, env, args) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${resultsFile}`];
  await step(title, bin("vitest"), ["run", ...reporters, ...args], { env });
}

/**
 * Runs beside the tests of whole stacks, which mostly wait. Its output is printed at the end.
 * @param {string} resultsFile @param {NodeJS.ProcessEnv} env @param {string} logFile
 */
async function checkPythonSdk(resultsFile, env, logFile) {
  const python = await findPython({ report });
  const how = { env, cwd: PYTHON_SDK, logFile };
  await step("Python SDK: lint", python, ["-m", "ruff", "check", "."], how);
  await step("Python SDK: format", python, ["-m", "ruff", "format", "--check", "."], how);
  await step("Python SDK: types", python, ["-m", "mypy", "--strict"], how);
  // -v, so that the output of a run that hangs shows in which test.
  const pytest = ["-m", "pytest", "-v", "--tb=short", `--junit-xml=${resultsFile}`];
  await step("Python SDK: tests", python, pytest, { ...how, limitMs: PYTEST_LIMIT_MS });
}

/** @param {NodeJS.ProcessEnv} env */
async function runStackTests(env) {
  const vitest = runVitest("Tests of clients and whole stacks", stackResults, env, [
    "--project=clients",
    "--project=e2e",
  ]);
  await together(vitest, checkPythonSdk(pytestResults, env, pythonLog)).finally(() => {
    say("Python SDK");
    process.stdout.write(readFileSync(pythonLog));
  });
}

/** Runs everything. Downloads go on beside the work that does not need them. */
async function runAll() {
  const [redis, units] = await together(findRedis(), findUnitPrograms(), buildPrograms().then(checkSources));
  const env = { ...redis, ...units };
  const runUnits = runVitest("Unit tests", unitResults, env, ["--project=unit*"]);
  const [others] = await together(findOtherPrograms(), runUnits);
  await runStackTests({ ...env, ...others });
}

async function runChosen() {
  await buildPrograms();
  await runVitest("Tests", unitResults, await findRedis(), chosen);
}

/**
 * Waits until all have ended, also when one fails: no step goes on behind the end of the run.
 * @template {unknown[]} T @param {{ [K in keyof T]: Promise<T[K]> }} promises @returns {Promise<T>}
 */
async function together(...promises) {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

const temporaryDir = mkdtempSync(join(tmpdir(), "visgate-test-"));
const unitResults = join(temporaryDir, "unit.json");
const stackResults = join(temporaryDir, "stacks.json");
const pytestResults = join(temporaryDir, "pytest.xml");
const pythonLog = join(temporaryDir, "python.log");
const chosen = process.argv.slice(2);
let exitCode = 0;
try {
  await installPackages();
  await (chosen.length === 0 ? runAll() : runChosen());
} catch (error) {
  exitCode = error instanceof StepFailed ? error.code : 1;
  console.error(`\n${error instanceof StepFailed ? error.message : describeFailure(error)}`);
}
const vitest = [readVitest(unitResults), readVitest(stackResults)];
const pytest = countPytest(pytestResults);
const failures = vitest.flatMap((results) => results.failures);
const passed = vitest.reduce((sum, results) => sum + results.passed, pytest.passed);
const failed = failures.length + pytest.failed;
rmSync(temporaryDir, { recursive: true, force: true });
// Again at the end: the output of a whole run is thousands of lines long.
for (const failure of failures) console.log(`\nFailed: ${failure}`);
if (exitCode === 0 && passed + failed === 0) exitCode = 1; // a run without a single test proves nothing
console.log(`\n${passed} passed, ${exitCode === 0 ? failed : Math.max(failed, 1)} failed`);
process.exitCode = exitCode;
