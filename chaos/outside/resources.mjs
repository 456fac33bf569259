/** Samples the memory and the open files of every process, as the operating system counts them. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const SAMPLE_EVERY_MS = 2000;

/**
 * Linux only; elsewhere there are no samples.
 * @param {{
 *   processes: readonly { name: string, current: { pid: number } }[], journals: import("../journal.mjs").Journals,
 *   signal: AbortSignal,
 * }} options
 */
export async function sampleResources({ processes, journals, signal }) {
  while (!signal.aborted) {
    for (const { name, current } of processes) {
      const sample = resourcesOf(current.pid);
      if (sample !== null) journals.write("resources", { name, ...sample });
    }
    await sleep(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Null: the process has just ended, or this is not Linux. @param {number} pid */
function resourcesOf(pid) {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    const files = readdirSync(`/proc/${pid}/fd`).length;
    return kilobytes === undefined ? null : { megabytes: Math.round(Number(kilobytes) / 1024), files };
  } catch {
    return null;
  }
}
