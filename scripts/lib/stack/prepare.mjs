/** Everything that a stack needs before it can start. Each step is skipped when nothing has changed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensurePrivateDir, rotateLog } from "../files.mjs";
import { inRoot } from "../paths.mjs";
import { build, isBuilt } from "../programs/build.mjs";
import { install, isInstalled } from "../programs/install.mjs";
import { findRedisServer } from "./redis.mjs";

/** Reads .env with Node's own reader, which does not replace variables that are already set. */
export function loadDotEnv() {
  const file = inRoot(".env");
  if (!existsSync(file)) return;
  if (process.loadEnvFile) process.loadEnvFile(file);
  else console.error(`.env is not read, because that needs Node.js 20.12 or later; this is ${process.versions.node}.`);
}

/**
 * Installs the dependencies, builds, and finds Redis. The output goes to logs/setup.log.
 * @param {{
 *   dataDir: string, env: NodeJS.ProcessEnv, report: import("../progress.mjs").Report,
 *   signal?: AbortSignal | undefined,
 * }} options
 * @returns {Promise<{ redis: { url: string } | undefined, redisServer: string | undefined }>} for `startStack`
 */
export async function prepare({ dataDir, env, report, signal }) {
  ensurePrivateDir(dataDir);
  const logFile = join(dataDir, "logs", "setup.log");
  rotateLog(logFile);
  const work = { logFile, signal };
  if (!isInstalled()) await report.step("Installing dependencies (npm ci)", () => install(work));
  if (!isBuilt()) await report.step("Building", () => build(work));
  const url = env["REDIS_URL"];
  if (url) return { redis: { url }, redisServer: undefined };
  return { redis: undefined, redisServer: await findRedisServer({ install: true, report, ...work }) };
}
