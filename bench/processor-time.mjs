/** The processor time that API, worker and Redis use for some work. */
import { metricsAt, sumOf } from "./measurements.mjs";

/** @typedef {{ api: number, worker: number, redis: number, steps: number }} Used processor seconds, and steps of the worker */
/** @typedef {(work: () => Promise<number | undefined>) => Promise<Used>} Measure of one of what `work` returns the number; of a step without */

/**
 * @param {readonly import("ioredis").Redis[]} nodes of Redis, all together
 * @param {number} metricsPort of the API; the worker's is the next
 * @returns {Measure}
 */
export function createMeasure(nodes, metricsPort) {
  /** @returns {Promise<Used>} */
  const used = async () => {
    const [api, worker] = await Promise.all([metricsAt(metricsPort), metricsAt(metricsPort + 1).catch(() => "")]);
    const infos = await Promise.all(nodes.map((node) => node.info("cpu")));
    const seconds = (/** @type {string} */ kind) => sum(infos.map((info) => numberIn(info, `used_cpu_${kind}`)));
    return {
      api: sumOf(api, "process_cpu_seconds_total"),
      worker: sumOf(worker, "process_cpu_seconds_total"),
      redis: seconds("sys") + seconds("user"),
      steps: sumOf(worker, "visgate_step_seconds_count"),
    };
  };
  return async (work) => {
    const before = await used();
    const done = await work();
    const after = await used();
    const count = done ?? after.steps - before.steps;
    const each = (/** @type {"api" | "worker" | "redis"} */ part) => (after[part] - before[part]) / count;
    return { api: each("api"), worker: each("worker"), redis: each("redis"), steps: after.steps - before.steps };
  };
}

/** API, worker, Redis, in µs. @param {Used} used */
export const describeUsed = ({ api, worker, redis }) =>
  [api, worker, redis].map((seconds) => Math.round(seconds * 1e6)).join(", ");

/** A field of Redis's INFO. @param {string} info @param {string} field */
export const numberIn = (info, field) => Number(new RegExp(`${field}:(\\d+(?:\\.\\d+)?)`).exec(info)?.[1]);

/** @param {readonly number[]} numbers */
export const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
