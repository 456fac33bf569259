/** Builds to compare: this checkout, and the one of `--against DIR`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const HERE = fileURLToPath(new URL("..", import.meta.url));

/** Starts a stack of a built checkout. @type {(root: string, options: object) => Promise<import("./calls.mjs").Stack>} */
export async function startStackOf(root, options) {
  const { startStack } = await import(pathToFileURL(launcherOf(root)).href);
  return startStack(options);
}

/** Older builds have the module in another folder. @param {string} root */
function launcherOf(root) {
  const found = ["scripts/lib/stack/stack.mjs", "scripts/lib/stack.mjs"]
    .map((path) => join(root, path))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${root} is no built checkout.`);
  return found;
}
