/** A request is submitted once, and its job is found again. */
import { SHARED, WORKER } from "./places.mjs";

/** @type {readonly import("./list.mjs").Mutation[]} */
export const SUBMITS = [
  {
    protection: "the intent decides who submits",
    file: `${WORKER}/steps/submit.ts`,
    find: `if (intended.kind === "missing" || !isMyTurn(intended.current.doc, intent.token)) return advance;`,
    replace: `if (intended.kind === "missing") return advance;`,
    tests: [`${WORKER}/advance-request.test.ts`],
    faults: "F1, F12",
  },
  {
    protection: "an intent that became old sends nothing",
    file: `${WORKER}/steps/submit.ts`,
    find: `if (deps.clock.now() - intent.at > INTENT_FRESH_MS) return notSent(deps, intended.current);`,
    replace: "",
    tests: [`${WORKER}/advance-request.test.ts`, `${WORKER}/steps`],
    faults: "F8, F12",
  },
  {
    protection: "a call that is stopped while it connects counts as not sent",
    file: `${SHARED}/runtime/net/exchange.ts`,
    find: `return hasConnection ? asError(reason) : connectTimeout("the time of the call");`,
    replace: "return asError(reason);",
    tests: [`${SHARED}/runtime/net/lean-fetch.test.ts`],
    faults: "F13, F31",
  },
  {
    protection: "an SDK cannot send a submit twice",
    file: "packages/providers/src/sdk-call/one-shot.ts",
    find: `if (sent !== null) throw new Error("A second send was refused.");`,
    replace: "",
    tests: ["packages/providers/src/sdk-call/one-shot.test.ts"],
    faults: "F13",
  },
  {
    protection: "an answer of 5xx to a submit does not prove that nothing was accepted",
    file: "packages/providers/src/sdk-call/one-shot.ts",
    find: `sent = { kind: wasNotSent(error) ? "not_sent" : "no_answer", cause: causeOf(error) };`,
    replace: `sent = { kind: "not_sent", cause: causeOf(error) };`,
    tests: ["packages/providers/src/sdk-call/one-shot.test.ts"],
    faults: "F13",
  },
  {
    protection: "a job of the provider belongs to one request",
    file: `${SHARED}/store/provider-jobs.ts`,
    find: `if (!(await store.providerJobs.claim(doc.provider, id, doc))) return { kind: "taken" };`,
    replace: "",
    tests: [`${WORKER}/steps/locate.test.ts`, `${WORKER}/advance-request.test.ts`],
    faults: "F1",
  },
  {
    protection: "a listed job is not claimed while an equal submit may still be answered",
    file: `${WORKER}/steps/locate.ts`,
    find: `if (!candidate.isCertain && mayBelongToOther(deps, candidate)) continue;`,
    replace: "",
    tests: [`${WORKER}/steps/locate.test.ts`],
    faults: "F1",
  },
  {
    protection: "the status says whether the same call may be sent again",
    file: `${SHARED}/request/failure-status.ts`,
    find: `  return isRepeatable ? ERROR_STATUS[code] : FAILED_DEPENDENCY;`,
    replace: `  return ERROR_STATUS[code];`,
    tests: [`${SHARED}/request/failure-status.test.ts`],
    faults: "F13",
  },
];
