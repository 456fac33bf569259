import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENTRIES, inRoot } from "../paths.mjs";
import { runOrFail } from "../processes/run.mjs";

const STAMP = inRoot("node_modules/.visgate-build");

/** Whether dist/ was built from the current sources. */
export function isBuilt() {
  if (!Object.values(ENTRIES).every((file) => existsSync(file))) return false;
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === fingerprint();
}

/** @param {{ logFile?: string | undefined, signal?: AbortSignal | undefined }} [options] */
export async function build({ logFile, signal } = {}) {
  const before = fingerprint();
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const args = ["run", "build", "--ui=stream", "--output-logs=new-only"];
  await runOrFail("The build failed: fix the errors that the compiler names", inRoot("node_modules/.bin/turbo"), args, {
    env,
    logFile,
    signal,
  });
  writeFileSync(STAMP, before);
}

/** A hash of the path, size and time of every source file: fast, and every edit changes it. */
export function fingerprint() {
  const hash = createHash("sha256");
  for (const file of sourceFiles()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function sourceFiles() {
  const shared = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "turbo.json"].map(
    (name) => inRoot(name),
  );
  return [...shared, ...["apps", "packages"].flatMap(workspaces).flatMap(filesOfWorkspace)].filter((f) =>
    existsSync(f),
  );
}

/** @param {string} parent */
function workspaces(parent) {
  return readdirSync(inRoot(parent)).map((name) => inRoot(parent, name));
}

/** @param {string} dir */
function filesOfWorkspace(dir) {
  const sources = join(dir, "src");
  const settings = ["package.json", "tsconfig.build.json", "tsconfig.cjs.json"].map((name) => join(dir, name));
  return [...settings, ...(existsSync(sources) ? filesBelow(sources) : [])];
}

/** @param {string} dir @returns {string[]} */
function filesBelow(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(dir, entry.name)) : [join(dir, entry.name)]));
}
