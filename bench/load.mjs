/** Load on one target with autocannon, and the comparison of two targets in turns. */
import autocannon from "autocannon";
import { median } from "./measurements.mjs";

const CONNECTIONS = 64;

/**
 * @typedef {{
 *   url: string, method: "GET" | "POST", headers?: Record<string, string>, body?: string, idReplacement?: boolean,
 * }} Target
 * @typedef {{ perSecond: number, p50: number, p99: number }} Load times in milliseconds
 */

/** @param {Target} target @param {number} seconds @returns {Promise<Load>} */
export async function load(target, seconds) {
  const result = await autocannon({ ...target, connections: CONNECTIONS, duration: seconds });
  const wrong = result.non2xx + result.errors;
  if (wrong > 0) throw new Error(`${wrong} calls of ${target.url} were not answered with 2xx.`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

/**
 * Each side goes first in every other round, so that neither always has the warmer machine.
 * @param {{ ours: Target, theirs: Target }} sides
 * @param {{ rounds: number, seconds: number, measure?: typeof load }} options
 * @returns {Promise<{ ours: Load, theirs: Load, ratioOf: (field: keyof Load) => number }>} medians; ratios per round
 */
export async function inTurns(sides, { rounds, seconds, measure = load }) {
  await measure(sides.ours, 1);
  await measure(sides.theirs, 1);
  /** @type {{ ours: Load, theirs: Load }[]} */
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const ours = await measure(sides.ours, seconds);
      results.push({ ours, theirs: await measure(sides.theirs, seconds) });
    } else {
      const theirs = await measure(sides.theirs, seconds);
      results.push({ ours: await measure(sides.ours, seconds), theirs });
    }
  }
  const middle = (/** @type {"ours" | "theirs"} */ side) => ({
    perSecond: median(results.map((result) => result[side].perSecond)),
    p50: median(results.map((result) => result[side].p50)),
    p99: median(results.map((result) => result[side].p99)),
  });
  const ratioOf = (/** @type {keyof Load} */ field) =>
    median(results.map(({ ours, theirs }) => ours[field] / theirs[field]));
  return { ours: middle("ours"), theirs: middle("theirs"), ratioOf };
}

/** @param {Load} load */
export function describeLoad({ perSecond, p50, p99 }) {
  const ms = (/** @type {number} */ value) => (Number.isInteger(value) ? value : value.toFixed(2));
  return `${Math.round(perSecond)}/s, p50 ${ms(p50)} ms, p99 ${ms(p99)} ms`;
}
