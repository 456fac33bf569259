/** Counts passed and failed tests in the result files of the test runners, and says which failed. */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { readJson } from "./files.mjs";
import { inRoot } from "./paths.mjs";

/**
 * @typedef {{ status: string, fullName: string, failureMessages: string[] }} VitestTest
 * @typedef {{ name: string, status: string, message: string, assertionResults: VitestTest[] }} VitestFile
 */

/** @param {string} resultsFile */
export function readVitest(resultsFile) {
  const results = readJson(resultsFile) ?? {};
  const files = /** @type {VitestFile[]} */ (results["testResults"] ?? []);
  return { passed: results["numPassedTests"] ?? 0, failures: files.flatMap(failuresOf) };
}

/**
 * A file that does not load, or whose preparations fail, has no failed test; it counts as one failure.
 * @param {VitestFile} file
 */
function failuresOf({ name, status, message, assertionResults }) {
  const path = relative(inRoot(), name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (status === "failed" && failed.length === 0) return [`${path}\n${message}`];
  return failed.map(({ fullName, failureMessages }) => `${path} > ${fullName}\n${failureMessages.join("\n")}`);
}

/** @param {string} resultsFile */
export function countPytest(resultsFile) {
  const xml = existsSync(resultsFile) ? readFileSync(resultsFile, "utf8") : "";
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed - count("skipped"), failed };
}
