import { parseArgs } from "node:util";
import { EXAMPLE, PROVIDERS } from "./providers.mjs";

const KEYS = PROVIDERS.map(({ keyVariable }) => keyVariable);
const REPORTING = PROVIDERS.filter(({ reports }) => reports)
  .map(({ title }) => title)
  .join(" and ");

export class UsageError extends Error {}

export const HELP = `Visgate: starts Redis, the API, workers and, for providers without a key, the simulator.

Usage
  npm start -- [options]

Options
  --workers N     worker processes (default 1)
  --api N         API processes, on ports PORT, PORT+1, … (default 1)
  --port P        port of the (first) API; 0 takes a free one (default PORT, else 8787)
  --data-dir D    the directory of Redis, outputs, logs and keys (default DATA_DIR, else .data)
  --help          this text

Environment (also read from .env in the repository; .env.example lists every variable)
  REDIS_URL            use this Redis instead of starting one
  ${KEYS.join(", ")}
                       real keys; a provider without a key is simulated and costs nothing
  VISGATE_API_KEY      the key of your callers (default: generated once, kept in DATA_DIR/launcher.json)
  VISGATE_SECRET       encrypts stored provider keys and signs file URLs (default: generated once, kept there too)
  HOST, PORT           where the API listens (default 127.0.0.1 and 8787)
  PUBLIC_URL           the public URL of this gateway; with it ${REPORTING} report the end of a render
  CATALOGUE_FILE       a JSON file with your own models (docs/models.md)
  OUTPUT_STORE         disk, s3 (with S3_BUCKET) or off
  LOG_LEVEL            info, debug, …

Examples
  npm start
  npm start -- --workers 3 --port 9000
  npm start -- --data-dir /var/lib/visgate
  ${EXAMPLE.keyVariable}=… npm start

Ctrl-C ends everything within 10 seconds; the next start continues accepted requests.`;

/**
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env used where an option is absent
 * @returns {{ help: boolean, workers: number, apis: number, host: string, port: number, dataDir: string }}
 */
export function parseStartOptions(argv, env) {
  const values = parse(argv);
  return {
    help: values.help ?? false,
    workers: wholeNumber("--workers", values.workers ?? "1", { min: 1, max: 64 }),
    apis: wholeNumber("--api", values.api ?? "1", { min: 1, max: 16 }),
    host: env["HOST"] || "127.0.0.1",
    port: wholeNumber(values.port ? "--port" : "PORT", values.port ?? (env["PORT"] || "8787"), { min: 0, max: 65_535 }),
    dataDir: values["data-dir"] ?? (env["DATA_DIR"] || ".data"),
  };
}

/** @param {string[]} argv */
function parse(argv) {
  const text = /** @type {const} */ ({ type: "string" });
  const options = {
    workers: text,
    api: text,
    port: text,
    "data-dir": text,
    help: /** @type {const} */ ({ type: "boolean" }),
  };
  try {
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    if (positionals.length === 0) return values;
  } catch (error) {
    const [sentence] = String(/** @type {Error} */ (error).message).split(". ");
    throw new UsageError(`${sentence}. \`npm start -- --help\` lists the options.`);
  }
  throw new UsageError("Only options are allowed, and npm passes them on only after `--`: npm start -- --workers 3");
}

/** @param {string} name @param {string} text @param {{ min: number, max: number }} range */
function wholeNumber(name, text, { min, max }) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${name} takes a whole number from ${min} to ${max}, not "${text}".`);
}
