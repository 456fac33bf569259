/** Kill points of a stack's workers: where a process dies of -9, and what the others send afterwards. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { until } from "./until.js";

export interface KillPoint {
  /** Unique in its test. */
  name: string;
  /** A regular expression over `GET http://host/path?query` of what a worker sends. */
  match: string;
  /** Before the request leaves, or when its answer has come and nothing was made of it yet. */
  moment: "before" | "after";
  /** How many processes it kills; one unless given. */
  times?: number;
}

interface Noted {
  at: number;
  pid: number;
  call: string;
}

export interface Kill extends Noted {
  point: string;
}

export interface KillPoints {
  /** For the stack. */
  env: Record<string, string>;
  set(points: KillPoint[]): void;
  kills(): Kill[];
  /** Resolves when the point has struck for the n-th time (1 unless given). */
  struck(point: string, times?: number): Promise<Kill>;
  /** What all workers sent, in order. */
  calls(): Noted[];
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
    struck: (point, times = 1) =>
      until(`a worker to die at ${point}`, () => kills().filter((kill) => kill.point === point)[times - 1] ?? false),
    calls: () => read<Noted>("calls.jsonl"),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}
