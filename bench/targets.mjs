/** Figures beside their targets. With `--check`, a bench that missed one ends with a code that is not 0. */
import { styleText } from "node:util";

/** @type {string[]} */
const missed = [];

/** @param {string} name @param {number} figure @param {{ atLeast?: number, atMost?: number, unit?: string }} bounds */
export function withTarget(name, figure, { atLeast, atMost, unit = "" }) {
  const isMet = atLeast === undefined ? figure <= (atMost ?? Number.NaN) : figure >= atLeast;
  const shown = `${Number.isInteger(figure) ? figure : figure.toFixed(2)}${unit}`;
  const target = atLeast === undefined ? `at most ${atMost}${unit}` : `at least ${atLeast}${unit}`;
  const text = `${name}: ${shown}, target ${target}, ${isMet ? "held" : "missed"}`;
  if (isMet) return text;
  missed.push(name);
  return styleText("red", text);
}

export const missedTargets = () => [...missed];
