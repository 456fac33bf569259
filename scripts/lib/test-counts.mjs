/** Counts passed and failed tests in the result files of the test runners. */
import { existsSync, readFileSync } from "node:fs";
import { readJson } from "./files.mjs";

/** A test file that does not load contains no tests; it counts as one failure. @param {string} resultsFile */
export function countVitest(resultsFile) {
  const results = readJson(resultsFile) ?? {};
  const files = /** @type {{ status: string, assertionResults: unknown[] }[]} */ (results["testResults"] ?? []);
  const unloaded = files.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  return { passed: results["numPassedTests"] ?? 0, failed: (results["numFailedTests"] ?? 0) + unloaded };
}

/** @param {string} resultsFile */
export function countPytest(resultsFile) {
  const xml = existsSync(resultsFile) ? readFileSync(resultsFile, "utf8") : "";
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed - count("skipped"), failed };
}
