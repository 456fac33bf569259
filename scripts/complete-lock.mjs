#!/usr/bin/env node
/**
 * `npm run lock`: after a change of dependencies, adds the packages for other platforms that the registry did not serve
 * to package-lock.json. Without them `npm ci` refuses the lock file; a full registry adds their hashes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { inRoot } from "./lib/paths.mjs";

const file = inRoot("package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));

/** The platform of a package, read from its name. @param {string} name */
function platformOf(name) {
  const os = /android/.test(name)
    ? "android"
    : /darwin/.test(name)
      ? "darwin"
      : /win32|windows/.test(name)
        ? "win32"
        : "linux";
  const cpu = /arm64/.test(name) ? "arm64" : /arm/.test(name) ? "arm" : "x64";
  return { cpu: [cpu], os: [os], ...(/musl/.test(name) ? { libc: ["musl"] } : {}) };
}

const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] || lock.packages[`${path}/node_modules/${name}`]) continue;
    const from = { ...(entry.dev ? { dev: true } : {}), ...(entry.license ? { license: entry.license } : {}) };
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...from, optional: true };
    added.push(name);
  }
}
const { "": root, ...rest } = lock.packages;
lock.packages = { "": root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? "package-lock.json is complete." : `Added:\n${added.join("\n")}`);
