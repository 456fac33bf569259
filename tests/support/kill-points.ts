/** Kill points for the workers of a stack: at which call a worker is killed with -9, and what all workers send. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { until } from "./until.js";

export interface KillPoint {
  /** Unique in its test. */
  name: string;
  /**
   * A regular expression that matches a call of a worker, as `GET http://host/path?query`. With KILL_AT_REDIS in its
   * environment also what it writes to Redis, as `REDIS text`; only before it is sent.
   */
  match: string;
  /** Before the call is sent, or when its answer has arrived and before the worker handles it. */
  moment: "before" | "after";
  /** How many processes it kills. Default 1. */
  times?: number;
}

interface Recorded {
  at: number;
  pid: number;
  call: string;
}

export interface Kill extends Recorded {
  point: string;
}

export interface KillPoints {
  /** Environment variables for the stack. */
  env: Record<string, string>;
  set(points: KillPoint[]): void;
  kills(): Kill[];
  /** Resolves when the point has killed a worker for the n-th time. Default 1. */
  killAt(point: string, times?: number): Promise<Kill>;
  /** The calls of all workers, in order. */
  calls(): Recorded[];
  close(): void;
}

export function createKillPoints(): KillPoints {
  const dir = mkdtempSync(join(tmpdir(), "visgate-kills-"));
  const preload = pathToFileURL(inRoot("tests/support/kill-points.mjs")).href;
  const read = <Entry>(file: string): Entry[] => {
    const path = join(dir, file);
    if (!existsSync(path)) return [];
    return readFileSync(path, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  const kills = () => read<Kill>("kills.jsonl");
  return {
    env: { NODE_OPTIONS: `--import=${preload}`, KILL_POINTS: dir },
    set: (points) => writeFileSync(join(dir, "points.json"), JSON.stringify(points)),
    kills,
    killAt: (point, times = 1) =>
      until(`a worker to die at ${point}`, () => kills().filter((kill) => kill.point === point)[times - 1] ?? false),
    calls: () => read<Recorded>("calls.jsonl"),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}
