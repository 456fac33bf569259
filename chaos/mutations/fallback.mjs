/** A request goes on with another model only when the one before provably costs nothing. */
import { API, SHARED, WORKER } from "./places.mjs";

const RULE = `${SHARED}/request/fallback.ts`;
const RULE_TEST = `${SHARED}/request/fallback.test.ts`;
const WORKER_TEST = `${WORKER}/fall-back.test.ts`;

/** @type {readonly import("./list.mjs").Mutation[]} */
export const FALLBACK = [
  {
    protection: "no other model is tried while the outcome of a submit is not known",
    file: RULE,
    find: `rendered !== null || search !== null) return false;`,
    replace: `rendered !== null) return false;`,
    tests: [RULE_TEST],
    faults: "F13",
  },
  {
    protection: "no other model is tried after a charge that is made or possible",
    file: RULE,
    find: `return isUnpaid(record, failure);`,
    replace: `return true;`,
    tests: [RULE_TEST, WORKER_TEST],
    faults: "F13",
  },
  {
    protection: "a failure does not leave a submit alone that began after it was seen",
    file: RULE,
    find: `attempt !== record.attempts || `,
    replace: "",
    tests: [RULE_TEST, WORKER_TEST],
    faults: "F1, F12",
  },
  {
    protection: "what was seen of one model is not written to the next",
    file: `${SHARED}/store/requests.ts`,
    find: `const doc = isOfOtherModel ? null : reduce(current.doc, transition);`,
    replace: `const doc = isOfOtherModel && false ? null : reduce(current.doc, transition);`,
    tests: [WORKER_TEST],
    faults: "F1, F12",
  },
  {
    protection: "the job of a model that was tried is never the job of the next one",
    file: `${SHARED}/request/transition.ts`,
    find: `if (isJobOfTried(record, transition.providerRequestId)) return null;`,
    replace: "",
    tests: [RULE_TEST],
  },
  {
    protection: "a request that changed its provider is passed on to the queue of that provider",
    file: `${WORKER}/advance-request.ts`,
    find: `return changeQueue(deps, current.doc);`,
    replace: `return finish;`,
    tests: [WORKER_TEST],
    faults: "F1",
  },
  {
    protection: "the slot of the model before is released",
    file: `${WORKER}/fall-back.ts`,
    find: `if (pool !== null) await deps.slots.release(pool, doc);`,
    replace: "",
    tests: [WORKER_TEST],
  },
  {
    protection: "a budget has the room that the model before leaves",
    file: `${SHARED}/store/lua/budgets.lua`,
    find: `spent - budgets.freed[at]`,
    replace: `spent`,
    tests: [WORKER_TEST],
  },
  {
    protection: "the ledger takes a request out of the row of the model before",
    file: `${SHARED}/money/ledger.ts`,
    find: `held: -before.heldMicro, opened: -1 }`,
    replace: `held: -before.heldMicro, opened: 0 }`,
    tests: [WORKER_TEST],
  },
  {
    protection: "another model's output is not cached for calls without a fallback",
    file: `${API}/use-cases/submit-request.ts`,
    find: ` + fallbackText(others);`,
    replace: `;`,
    tests: [`${API}/fallback.test.ts`],
  },
];
