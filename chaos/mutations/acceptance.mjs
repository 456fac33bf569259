/** What was answered 202 is kept, and what was answered 503 was not accepted. */
import { API, SHARED, STORE_TESTS } from "./places.mjs";

/** @type {readonly import("./list.mjs").Mutation[]} */
export const ACCEPTANCE = [
  {
    protection: "one idempotency key leads to one request",
    file: `${SHARED}/store/lua/accept.lua`,
    find: `  if held[1] then`,
    replace: `  if false then`,
    tests: STORE_TESTS,
    faults: "F22",
  },
  {
    protection: "a script that was sent twice accepts once",
    file: `${SHARED}/store/lua/accept.lua`,
    find: `if redis.call('EXISTS', KEYS[2]) == 1 then`,
    replace: `if false then`,
    tests: STORE_TESTS,
    faults: "F4, F8",
  },
  {
    protection: "a script that runs too late accepts nothing",
    file: `${SHARED}/store/lua/accept.lua`,
    find: `if now > tonumber(ARGV[15]) then`,
    replace: `if false then`,
    tests: STORE_TESTS,
    faults: "F8",
  },
  {
    protection: "equal calls get a request whose charge is not settled",
    file: `${SHARED}/store/lua/accept.lua`,
    find: `  if unsettled and`,
    replace: `  if false and`,
    tests: [...STORE_TESTS, `${API}/unsettled.test.ts`],
    faults: "F13",
  },
  {
    protection: "a request that was answered 503 is withdrawn",
    file: `${API}/use-cases/accept-request.ts`,
    find: `    deps.withdrawals.add(command);`,
    replace: "",
    tests: [`${API}/outage.test.ts`],
    faults: "F8",
  },
  {
    protection: "a withdrawn request has not been started by a worker",
    file: `${SHARED}/store/lua/withdraw.lua`,
    find: `if kept[1] ~= '1' or kept[2] or`,
    replace: `if kept[2] or`,
    tests: STORE_TESTS,
    faults: "F8",
  },
  {
    protection: "an acceptance counts only when replicas have it",
    file: `${SHARED}/store/connection/replicas.ts`,
    find: `if (reached < count) throw new NotReplicatedError(count);`,
    replace: "",
    tests: [`${SHARED}/store/connection/replicas.test.ts`, `${API}/replicas.test.ts`],
    faults: "F10",
  },
  {
    protection: "while media cannot be stored, nothing is rendered",
    file: `${API}/use-cases/accept-request.ts`,
    find: `if (willStoreOutput(record) && deps.outputsHealth.fault() !== null) throw outputsAway();`,
    replace: "",
    tests: [`${API}/outputs-away.test.ts`],
    faults: "F21",
  },
  {
    protection: "health says when an accept would be refused",
    file: `${API}/use-cases/why-refused.ts`,
    find: `  const fault = gate.whyClosed();`,
    replace: `  const fault = null as ReturnType<typeof gate.whyClosed>;`,
    tests: [`${API}/outage.test.ts`, `${API}/failover.test.ts`],
    faults: "F9, F11",
  },
];
