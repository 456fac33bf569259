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

/** @typedef {{ rounds: number, seconds: number, measure?: typeof load }} TurnOptions */

/**
 * Each side goes first in every other round, so that neither always has the warmer machine.
 * @param {{ ours: Target, theirs: Target }} sides
 * @param {TurnOptions} options
 * @returns {Promise<{ ours: Load, theirs: Load, ratioOf: (field: keyof Load) => number }>} medians; ratios per round
 */
export async function inTurns(sides, options) {
  const { medianOf, ratioOf } = await inRotation([sides.ours, sides.theirs], options);
  return { ours: medianOf(0), theirs: medianOf(1), ratioOf: (field) => ratioOf(0, 1, field) };
}

/**
 * As `inTurns`, for any number of sides, which are named by their index: each goes first in turn.
 * @param {Target[]} sides
 * @param {TurnOptions} options
 */
export async function inRotation(sides, { rounds, seconds, measure = load }) {
  for (const side of sides) await measure(side, 1);
  /** @type {Load[][]} */
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    /** @type {Load[]} */
    const result = [];
    for (let turn = 0; turn < sides.length; turn += 1) {
      const index = (round + turn) % sides.length;
      result[index] = await measure(/** @type {Target} */ (sides[index]), seconds);
    }
    results.push(result);
  }
  const fieldOf = (/** @type {number} */ index, /** @type {keyof Load} */ field) =>
    results.map((result) => result[index]?.[field] ?? Number.NaN);
  return {
    medianOf: (/** @type {number} */ index) => ({
      perSecond: median(fieldOf(index, "perSecond")),
      p50: median(fieldOf(index, "p50")),
      p99: median(fieldOf(index, "p99")),
    }),
    /** The median over the rounds. */
    ratioOf(/** @type {number} */ index, /** @type {number} */ other, /** @type {keyof Load} */ field) {
      const others = fieldOf(other, field);
      return median(fieldOf(index, field).map((value, round) => value / (others[round] ?? Number.NaN)));
    },
  };
}

/**
 * As `load`, for a side that may refuse calls: counts those that were answered with 2xx.
 * @param {Target} target @param {number} seconds @returns {Promise<Load>}
 */
export async function loadAccepted(target, seconds) {
  const result = await autocannon({ ...target, connections: CONNECTIONS, duration: seconds });
  return { perSecond: result["2xx"] / result.duration, p50: result.latency.p50, p99: result.latency.p99 };
}

/** @param {Load} load */
export function describeLoad({ perSecond, p50, p99 }) {
  const ms = (/** @type {number} */ value) => (Number.isInteger(value) ? value : value.toFixed(2));
  return `${Math.round(perSecond)}/s, p50 ${ms(p50)} ms, p99 ${ms(p99)} ms`;
}
