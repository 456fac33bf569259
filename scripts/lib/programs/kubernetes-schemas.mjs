/** The JSON schemas of Kubernetes' own API, from a wheel that is pinned by hash. Only the strict ones that are used are kept. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";
import { silent } from "../progress.mjs";
import { installWheel } from "./pypi-wheel.mjs";

/** The oldest version that the chart takes, and the newest. */
export const KUBERNETES_VERSIONS = ["1.25", "1.37"];
const VERSION = "1.37.0";
const WHEEL = {
  requirement: `kubernetes-validate==${VERSION}`,
  hashes: ["85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"],
};
const FAILURE = "Installing the schemas of Kubernetes for the tests failed: install Python 3 with pip";
const HOME = inRoot(`node_modules/.cache/visgate/kubernetes-schemas-${VERSION}`);

/**
 * A folder with a folder for each version, which the first call installs.
 * @param {{ report?: import("../progress.mjs").Report, logFile?: string | undefined }} [options]
 * @returns {Promise<string>}
 */
export async function findKubernetesSchemas({ report = silent, logFile } = {}) {
  if (!existsSync(HOME)) {
    const install = () => installWheel(WHEEL, { home: HOME, failure: FAILURE, logFile, complete: keepSchemas });
    await report.step("Installing the schemas of Kubernetes for the tests", install);
  }
  return HOME;
}

/** @param {string} dir */
async function keepSchemas(dir) {
  const all = join(dir, "kubernetes_validate/kubernetes-json-schema");
  for (const version of KUBERNETES_VERSIONS) renameSync(join(all, `v${version}.0-local-strict`), join(dir, version));
  rmSync(join(dir, "kubernetes_validate"), { recursive: true });
}
