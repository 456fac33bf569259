/** Our npm packages as users get them: packed, and installed in projects outside of the repository. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { npmInstall } from "./npm.js";

export const ROOT = new URL("../..", import.meta.url).pathname;
const FOLDERS = ["client", "server-proxy", "cli"] as const;

export interface Manifest {
  version: string;
  license: string;
  engines: { node: string };
  dependencies?: Record<string, string>;
  publishConfig?: { access: string };
}

export interface Packed {
  name: string;
  manifest: Manifest;
  tarball: string;
  /** Paths inside of the package. */
  files: string[];
}
export type Packages = Record<(typeof FOLDERS)[number], Packed>;

export interface TemporaryDir {
  path: string;
  remove(): void;
}

export function temporaryDir(): TemporaryDir {
  // The real path, as Node.js and tsc print it: on macOS, /tmp is a link.
  const path = realpathSync(mkdtempSync(join(tmpdir(), "visgate-packages-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a program and returns its standard output. Rejects with all of its output when it fails. */
export async function run(program: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  try {
    return (await promisify(execFile)(program, args, { ...options, timeout: 110_000 })).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${error}\n${stdout}\n${stderr}`);
  }
}

/** Packs all packages as for publishing. @param dir the folder for the tarballs */
export async function packAll(dir: string): Promise<Packages> {
  const folders = FOLDERS.map((folder) => `./packages/${folder}`);
  const stdout = await run("npm", ["pack", ...folders, "--pack-destination", dir, "--json"], { cwd: ROOT });
  const packed = JSON.parse(stdout) as { name: string; filename: string; files: { path: string }[] }[];
  const entries = FOLDERS.map((folder) => {
    const found = packed.find(({ name }) => name === `@visgate_ai/${folder}`);
    if (found === undefined) throw new Error(`npm did not pack ${folder}`);
    const { name, filename, files } = found;
    const manifest = readJson<Manifest>(join(ROOT, "packages", folder, "package.json"));
    return [folder, { name, manifest, tarball: join(dir, filename), files: files.map(({ path }) => path) }];
  });
  return Object.fromEntries(entries);
}

export interface ProjectOptions {
  packages: Packed[];
  /** Dependencies that are neither in `packages` nor in npm's cache are downloaded. Otherwise they are an error. */
  online?: boolean;
}

/** Creates a project in `dir` and installs only these packages in it. */
export async function createProject(dir: string, { packages, online = false }: ProjectOptions): Promise<string> {
  mkdirSync(dir);
  writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true }));
  const flags = ["--prefix", dir, online ? "--prefer-offline" : "--offline"];
  await npmInstall(dir, [...flags, ...packages.map(({ tarball }) => tarball)]);
  return dir;
}

export interface Installed {
  /** Folder below the project, as `node_modules/x`. */
  path: string;
  resolved: string;
}

/** All packages that npm has installed in a project. */
export function installedIn(project: string): Installed[] {
  const { packages } = readJson<{ packages: Record<string, { resolved: string }> }>(join(project, "package-lock.json"));
  return Object.entries(packages).flatMap(([path, { resolved }]) => (path === "" ? [] : [{ path, resolved }]));
}

export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8"));
}
