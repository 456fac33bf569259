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

/** @param {number} port of a process on this machine */
export const metricsAt = async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

/** The sum of a metric over its labels. @param {string} metrics @param {string} name */
export function sumOf(metrics, name) {
  const values = metrics.split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
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
