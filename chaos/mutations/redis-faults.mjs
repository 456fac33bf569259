/** Redis fails over, refuses commands, or has unsafe settings. */
import { API, SHARED, WORKER } from "./places.mjs";

/** @type {readonly import("./list.mjs").Mutation[]} */
export const REDIS_FAULTS = [
  {
    protection: "a Redis that may evict or forget is refused",
    file: `${SHARED}/store/connection/safety.ts`,
    find: `  if (settings.evictionPolicy !== "noeviction") {`,
    replace: `  if (settings.evictionPolicy === "none") {`,
    tests: [`${SHARED}/store/connection/safety.test.ts`],
    faults: "F7",
  },
  {
    protection: "no key is called unknown before the keys are registered",
    file: `${API}/register-keys.ts`,
    find: `isDone: () => isDone,`,
    replace: `isDone: () => true,`,
    tests: [`${API}/failover.test.ts`],
    faults: "F9",
  },
  {
    protection: "jobs are not late when Redis's clock goes back",
    file: `${WORKER}/upkeep/set-back.ts`,
    find: `await producer.promoteAll(queue);`,
    replace: `void [producer, queue];`,
    tests: [`${WORKER}/upkeep/set-back.test.ts`],
    faults: "F20",
  },
  {
    protection: "a connection to a demoted primary is replaced",
    file: `${SHARED}/store/connection/connect.ts`,
    find: `if (!DEMOTED.test(error.message) || resting.has(own)) return false;`,
    replace: "return false;",
    tests: [`${WORKER}/failover.test.ts`],
    faults: "F10",
  },
  {
    protection: "a script asks for its rights before its first write",
    file: `${SHARED}/store/lua/rights.lua`,
    find: `  if can and not can(command, key) then`,
    replace: `  if false then`,
    tests: [`${SHARED}/store/script-rights.test.ts`],
    faults: "F11",
  },
  {
    protection: "a refused message fails no script",
    file: `${SHARED}/store/lua/events.lua`,
    find: `  redis.pcall('PUBLISH', prefix .. ':feed-ch', sequence)`,
    replace: `  redis.call('PUBLISH', prefix .. ':feed-ch', sequence)`,
    tests: [`${SHARED}/store/script-rights.test.ts`],
    faults: "F11",
  },
  {
    protection: "workers wait while Redis refuses writes",
    file: `${WORKER}/queue-worker.ts`,
    find: `else if (fault.kind === "refuses") void holdBack(worker, gate);`,
    replace: "",
    tests: [`${WORKER}/queue-worker.test.ts`],
    faults: "F11",
  },
  {
    protection: "a step that spent money waits until Redis takes its result",
    file: `${WORKER}/queue-worker.ts`,
    find: `const result = gate.untilTaken(() => handler(job, token, signal ?? never));`,
    replace: `const result = handler(job, token, signal ?? never);`,
    tests: [`${WORKER}/queue-worker.test.ts`],
    faults: "F11",
  },
];
