/** Percentiles, the memory of a process, and the machine that was measured. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";

/** @param {readonly number[]} values @param {number} share 0..1 @returns {number} */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export const median = (values) => percentile(values, 0.5);

/** Milliseconds of each call, one after the other. @param {number} calls @param {() => Promise<unknown>} call */
export async function timesOf(calls, call) {
  const times = [];
  for (let count = 0; count < calls; count += 1) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  return times;
}

/** @param {number | undefined} pid */
export function residentMb(pid) {
  return Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024);
}

export function describeMachine() {
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const processor = `${availableParallelism()} cores (${cpus()[0]?.model.trim()})`;
  return `Node ${process.versions.node}, ${processor}, ${memory}, ${process.platform} ${release()}`;
}
