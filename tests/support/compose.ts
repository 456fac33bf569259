/** The compose files, as Docker Compose reads them. No container engine is needed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { parse } from "yaml";
import { inRoot } from "../../scripts/lib/paths.mjs";

export interface Service {
  image: string;
  user?: string;
  command: string[];
  environment: Record<string, string>;
  tmpfs: string[];
  // biome-ignore lint/suspicious/noExplicitAny: tests read the rest freely
  [setting: string]: any;
}

export const COMPOSE_FILES = ["docker-compose.yml", "docker-compose.scale.yml"];

/** The services of a file, with its anchors merged. */
export function servicesOf(file: string): Record<string, Service> {
  return parse(readFileSync(inRoot(file), "utf8"), { merge: true }).services;
}

/** `${NAME:-default}`, `${NAME:?text}` and `$$`, as Docker Compose replaces them. */
export function interpolate(text: string, values: Record<string, string>): string {
  const replaced = text.replace(
    /\$\{(\w+)(?::[-?]((?:[^{}]|\{[^}]*\})*))?\}/g,
    (_, name, otherwise) => values[name] ?? interpolate(otherwise ?? "", values),
  );
  return replaced.replaceAll("$$", "$");
}

/**
 * Runs the command of a service, with the paths of this machine. It is killed with the test: Redis refuses to end by
 * SIGTERM while it writes its first append-only file after a synchronization, and then goes on.
 */
export function runScript(script: string, env: Record<string, string>, paths: [from: string | RegExp, to: string][]) {
  const command = paths.reduce((text, [from, to]) => text.replaceAll(from, to), interpolate(script, env));
  const own = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", ...env };
  const child = spawn("sh", ["-c", command], { env: own, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const exited = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return exited;
}
