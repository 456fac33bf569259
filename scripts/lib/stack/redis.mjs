/** The Redis server that the launcher starts: on a private port, with every acknowledged write on disk. */
import { rmSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, StartError } from "../failure.mjs";
import { ensurePrivateDir, readJson, rotateLog, sizeOf, tailOf, writePrivate, writePrivateJson } from "../files.mjs";
import { REDIS_CONF } from "../paths.mjs";
import { freePort } from "../processes/ports.mjs";
import { commandLineOf, describeExit, end, eventually, spawnOwned, THIS_MACHINE } from "../processes/processes.mjs";
import { redisCommand } from "./resp.mjs";

export { findRedisServer } from "../programs/redis-binary.mjs";

/** Runs $0 with the argument $1, in the same process, so that only this user can read the files that it creates. */
const PRIVATELY = 'umask 077; exec "$0" "$1"';
const CONNECT_TIMEOUT_MS = 15_000;
const LOAD_TIMEOUT_MS = 300_000;

/**
 * @typedef {import("../processes/processes.mjs").Owned & {
 *   url: string, binary: string, port: number, password: string, stop: (deadlineMs?: number) => Promise<unknown>, kill: () => void,
 * }} Redis
 */

/**
 * Starts Redis, by default on 127.0.0.1, and resolves when it has loaded its append-only file and answers PING.
 * @param {{
 *   binary: string, dir: string, password: string, port?: number | undefined, conf?: Record<string, string>,
 *   logFile?: string | undefined, onSpawn?: (owned: import("../processes/processes.mjs").Owned) => void,
 *   host?: import("../processes/processes.mjs").Host | undefined,
 * }} options `conf` overrides settings of deploy/redis.conf
 * @returns {Promise<Redis>}
 */
export async function startRedis({
  binary,
  dir,
  password,
  port,
  conf = {},
  logFile = join(dir, "redis.log"),
  onSpawn,
  host = THIS_MACHINE,
}) {
  ensurePrivateDir(dir);
  rotateLog(logFile);
  const logStart = sizeOf(logFile);
  const chosen = port ?? (await freePort());
  const server = { host: host.address, port: chosen, password };
  const confFile = writeConf({ dir, ...server, conf });
  // umask: Redis creates its files readable for everyone. LC_ALL: Redis 7 exits at once when the locale of its
  // environment is not installed.
  const owned = spawnOwned("/bin/sh", ["-c", PRIVATELY, binary, confFile], {
    env: { LC_ALL: "C", PATH: process.env["PATH"] ?? "" },
    logFile,
    cwd: dir,
    host,
  });
  onSpawn?.(owned);
  writePrivateJson(runningFileOf(dir), { pid: owned.pid, port: chosen, password });
  await untilReady({ owned, server, logFile, logStart });
  return {
    ...owned,
    url: `redis://:${password}@${host.address}:${chosen}`,
    binary,
    port: chosen,
    password,
    stop: async (deadlineMs = 5000) => {
      await end(owned, deadlineMs);
      rmSync(runningFileOf(dir), { force: true });
    },
    kill: () => void owned.child.kill("SIGKILL"),
  };
}

/** The password is in a private file, because every user could read an argument in `ps`. */
function writeConf(
  /** @type {{ dir: string, host: string, port: number, password: string, conf: Record<string, string> }} */ options,
) {
  const settings = {
    bind: options.host,
    port: String(options.port),
    requirepass: options.password,
    dir: options.dir,
    daemonize: "no",
    maxmemory: String(maxmemoryBytes()),
    ...options.conf,
  };
  const lines = Object.entries({ include: REDIS_CONF, ...settings }).map(([name, value]) => `${name} ${quote(value)}`);
  const file = join(options.dir, "redis.conf");
  writePrivate(file, `${lines.join("\n")}\n`);
  return file;
}

/** @param {string} value */
const quote = (value) => `"${value.replace(/["\\]/g, "\\$&")}"`;

/** Half of the memory of this machine or container: the API refuses submits long before the kernel kills Redis. */
function maxmemoryBytes() {
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(totalmem(), limit) / 2);
}

/**
 * @param {{
 *   owned: import("../processes/processes.mjs").Owned, server: { host: string, port: number, password: string },
 *   logFile: string, logStart: number,
 * }} redis
 */
async function untilReady({ owned, server, ...log }) {
  let until = Date.now() + CONNECT_TIMEOUT_MS;
  let loading = false;
  for (;;) {
    if (!owned.alive()) throw failed(`Redis did not start (${describeExit(await owned.exited)})`, log);
    const answer = await redisCommand(server, "PING").catch(messageOf);
    if (answer === "PONG") return;
    if (!loading && String(answer).startsWith("LOADING")) {
      loading = true;
      until = Date.now() + LOAD_TIMEOUT_MS;
    }
    if (Date.now() > until) {
      owned.child.kill("SIGTERM");
      throw failed(`Redis did not become ready (${answer})`, log);
    }
    await sleep(25);
  }
}

/** @param {string} message @param {{ logFile: string, logStart: number }} log */
const failed = (message, { logFile, logStart }) =>
  new StartError(`${message}: its log says why.`, { logFile, tail: tailOf(logFile, logStart) });

/**
 * Names the process that serves `dir`, so that the next launcher can end it if this one is killed.
 * @param {string} dir
 */
const runningFileOf = (dir) => join(dir, "running.json");

/**
 * Ends the Redis of a killed launcher, because two servers must never write one append-only file.
 * @param {string} dir
 * @returns {Promise<boolean>} whether such a Redis was running
 */
export async function endLeftoverRedis(dir) {
  const running = readJson(runningFileOf(dir));
  if (!running) return false;
  const { pid, port, password } = /** @type {{ pid: number, port: number, password: string }} */ (running);
  const stillRuns = isRedis(pid, port);
  if (stillRuns) {
    await redisCommand({ port, password }, "SHUTDOWN").catch(() => undefined);
    if (!(await eventually(() => !isRedis(pid, port), 10_000))) {
      throw new StartError(
        `The Redis of an earlier start (pid ${pid}) still uses ${dir} and did not end: end it, then start again.`,
      );
    }
  }
  rmSync(runningFileOf(dir), { force: true });
  return stillRuns;
}

/**
 * Redis shows its address in its process title, so another process with the same pid is not mistaken for it.
 * @param {number} pid @param {number} port
 */
const isRedis = (pid, port) => commandLineOf(pid)?.includes(`127.0.0.1:${port}`) ?? false;
