/** The Chromium of this system for the tests; nothing is downloaded by a test library. */
import { StartError } from "../failure.mjs";
import { installPackage, isExecutable, justInstalled, onPath } from "./package-managers.mjs";

const PROGRAMS = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
const MAC_PROGRAM = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const PACKAGE = {
  apt: "chromium",
  brew: ["--cask", "google-chrome"],
  failure: "install it by hand, or set CHROMIUM to the path of a Chromium or Chrome",
};

/**
 * The path of a Chromium or Chrome: from the variable CHROMIUM, else found on PATH, else installed with apt or brew.
 * @param {import("./package-managers.mjs").InstallOptions} [options]
 * @returns {Promise<string>}
 */
export async function findChromium(options = {}) {
  const { env = process.env } = options;
  const own = env["CHROMIUM"];
  if (own) return own;
  const found = onPath(PROGRAMS, env) ?? macProgram();
  if (found) return found;
  const installer = await installPackage(PACKAGE, options);
  const installed = installer && (justInstalled(PROGRAMS, env) ?? macProgram());
  if (!installed) throw new StartError(`The tests need Chromium, and it was not found: ${PACKAGE.failure}.`);
  return installed;
}

const macProgram = () => (isExecutable(MAC_PROGRAM) ? MAC_PROGRAM : undefined);
