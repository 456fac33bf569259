import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The absolute path of the repository. */
export const ROOT_DIR = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** @param {string[]} parts a path inside the repository; an absolute last part is returned as it is */
export const inRoot = (...parts) => resolve(ROOT_DIR, ...parts);

/** The built programs, which must exist before a stack can start. */
export const ENTRIES = Object.freeze({
  api: inRoot("apps/api/bundle/main.js"),
  worker: inRoot("apps/worker/bundle/main.js"),
  simulator: inRoot("packages/simulator/dist/main.js"),
});

/** The Redis settings that the launcher and docker-compose.yml share. */
export const REDIS_CONF = inRoot("deploy/redis.conf");
