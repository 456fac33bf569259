/** The command line of the demo. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../failure.mjs";
import { UsageError } from "../stack/options.mjs";
import { EXAMPLE } from "../stack/providers.mjs";

export const DEMO_HELP = `Makes one video on the running stack (npm start), or on a stack that it starts itself.

Usage
  npm run demo -- "a bird flying over the sea" [options]

Options
  --image FILE_OR_URL   start from this image (JPEG, PNG or WebP)
  --model M             a video model of the catalogue (default ${EXAMPLE.model})
  --duration S          seconds (default 5; the gateway picks a duration that the model allows)
  --out FILE            the MP4 to write or replace (default visgate-REQUEST_ID.mp4)
  --data-dir D          the data directory of the stack (default DATA_DIR, else .data)
  --help                this text`;

/**
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 */
export function parseDemoOptions(argv, env) {
  const { values, positionals } = parse(argv);
  const help = values.help ?? false;
  const prompt = positionals.join(" ");
  if (!help && prompt === "") throw new UsageError('Say what to show: npm run demo -- "a bird flying over the sea"');
  if (values.out !== undefined) expectFolder(values.out);
  return {
    ...{ help, prompt, image: values.image, out: values.out },
    model: values.model ?? EXAMPLE.model,
    durationSeconds: values.duration === undefined ? undefined : seconds(values.duration),
    dataDir: values["data-dir"] ?? (env["DATA_DIR"] || ".data"),
  };
}

/** @param {string[]} argv */
function parse(argv) {
  const text = /** @type {const} */ ({ type: "string" });
  const help = /** @type {const} */ ({ type: "boolean" });
  const options = { image: text, model: text, duration: text, out: text, "data-dir": text, help };
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${messageOf(error).split(". ")[0]}. \`npm run demo -- --help\` lists the options.`);
  }
}

/** @param {string} text */
function seconds(text) {
  const value = Number(text);
  if (value > 0) return value;
  throw new UsageError(`--duration takes a number of seconds above 0, not "${text}".`);
}

/** Checked before the request, so that a paid video can be saved. @param {string} file */
function expectFolder(file) {
  const folder = dirname(resolve(file));
  if (file === "" || !existsSync(folder))
    throw new UsageError(`--out takes a file in an existing folder, not "${file}".`);
}

/** A URL is returned as it is; a file becomes a data URI. @param {string} fileOrUrl */
export function readImage(fileOrUrl) {
  if (/^(https?|data):/i.test(fileOrUrl)) return fileOrUrl;
  try {
    // The gateway reads the real format from the bytes.
    return `data:image/jpeg;base64,${readFileSync(fileOrUrl).toString("base64")}`;
  } catch (error) {
    throw new UsageError(`--image ${fileOrUrl} cannot be read: ${messageOf(error)}`);
  }
}
