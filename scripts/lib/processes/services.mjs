import { StartError } from "../failure.mjs";
import { rotateLog, sizeOf, tailOf } from "../files.mjs";
import { describeExit, end, spawnOwned } from "./processes.mjs";

/**
 * @typedef {import("./processes.mjs").Owned & {
 *   name: string, logFile: string, ready: Promise<{ url?: string }>,
 *   stop: (deadlineMs?: number) => Promise<import("./processes.mjs").Exit>, kill: () => void,
 * }} Service
 */

/**
 * Starts one of our programs. The program sends `{type:"ready"}` over IPC and ends when the channel closes, so it does
 * not outlive a launcher that was killed.
 * @param {{
 *   name: string, entry: string, env: Record<string, string>, logFile: string, readyTimeoutMs?: number,
 *   nodeArgs?: string[], onSpawn?: (owned: import("./processes.mjs").Owned) => void,
 *   host?: import("./processes.mjs").Host | undefined,
 * }} options
 * @returns {Service}
 */
export function startService({ name, entry, env, logFile, readyTimeoutMs = 30_000, nodeArgs = [], onSpawn, host }) {
  rotateLog(logFile);
  const logStart = sizeOf(logFile);
  const owned = spawnOwned(process.execPath, [...nodeArgs, entry], { env, logFile, ipc: true, host });
  onSpawn?.(owned);
  const ready = untilReady({ name, owned, logFile, logStart, readyTimeoutMs });
  ready.catch(() => {}); // a caller that awaits `ready` later still gets the error; until then it must not crash us
  return {
    ...owned,
    name,
    logFile,
    ready,
    stop: (deadlineMs = 7000) => end(owned, deadlineMs),
    kill: () => void owned.child.kill("SIGKILL"),
  };
}

/**
 * @param {{
 *   name: string, owned: import("./processes.mjs").Owned, logFile: string, logStart: number, readyTimeoutMs: number,
 * }} service
 * @returns {Promise<{ url?: string }>}
 */
function untilReady({ name, owned, logFile, logStart, readyTimeoutMs }) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => {
      clearTimeout(timer);
      reject(new StartError(`${name} ${why}: its log says why.`, { logFile, tail: tailOf(logFile, logStart) }));
    };
    const timer = setTimeout(() => {
      owned.child.kill("SIGKILL");
      fail(`was not ready after ${readyTimeoutMs / 1000} s`);
    }, readyTimeoutMs);
    owned.child.on("message", (/** @type {any} */ message) => {
      if (message?.type !== "ready") return;
      clearTimeout(timer);
      resolve(message);
    });
    owned.exited.then((exit) => fail(`did not start (${describeExit(exit)})`));
  });
}

/**
 * The variables that any program needs from this machine. Everything else must come from the caller's configuration.
 */
const SYSTEM_VARIABLES = ["PATH", "HOME", "USER", "TMPDIR", "LANG", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/**
 * The environment of a service: `base` comes from this machine, `config` from the caller. An empty value counts as
 * unset, because `.env` files contain lines such as `SOME_KEY=`.
 * @param {Record<string, string | undefined>} env
 */
export function serviceEnv(env) {
  const system = Object.fromEntries(SYSTEM_VARIABLES.map((name) => [name, process.env[name]]));
  return { base: withoutEmpty(system), config: withoutEmpty(env) };
}

/** @param {Record<string, string | undefined>} env @returns {Record<string, string>} */
function withoutEmpty(env) {
  /** @type {Record<string, string>} */
  const result = {};
  for (const [name, value] of Object.entries(env)) if (value) result[name] = value;
  return result;
}
