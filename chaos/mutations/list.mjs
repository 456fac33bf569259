/**
 * The protections of the engine. `find` is code that a protection consists of, `replace` takes it out, and one of the
 * `tests` must then fail. `faults`: the faults that it protects from (docs/reliability.md).
 * @typedef {{ protection: string, file: string, find: string, replace: string, tests: string[], faults?: string }} Mutation
 */
import { ACCEPTANCE } from "./acceptance.mjs";
import { FALLBACK } from "./fallback.mjs";
import { PACING } from "./pacing.mjs";
import { RECOVERY } from "./recovery.mjs";
import { REDIS_FAULTS } from "./redis-faults.mjs";
import { STRANGERS } from "./strangers.mjs";
import { SUBMITS } from "./submits.mjs";

/** @type {readonly Mutation[]} */
export const MUTATIONS = [
  ...SUBMITS,
  ...FALLBACK,
  ...ACCEPTANCE,
  ...RECOVERY,
  ...REDIS_FAULTS,
  ...STRANGERS,
  ...PACING,
];
