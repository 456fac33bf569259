/** A clock of its own for a real process. Its monotonic clock stays right, as when an administrator sets the clock. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFaketime } from "../../scripts/lib/programs/faketime.mjs";

export interface WrongClock {
  /** The environment of the processes that get this clock. */
  env: Record<string, string>;
  /** The processes notice it within about a second. */
  set(aheadSeconds: number): void;
}

/** With libfaketime; where there is none for the platform, the process gets another `Date.now` instead. */
export async function createWrongClock(dir: string, name: string, aheadSeconds: number): Promise<WrongClock> {
  const file = join(dir, `${name}.clock`);
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  set(aheadSeconds);
  const library = await findFaketime();
  if (library === undefined) {
    const preload = new URL("./shift-date.mjs", import.meta.url).href;
    return { env: { NODE_OPTIONS: `--import ${preload}`, CLOCK_FILE: file }, set };
  }
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  return { env, set };
}
