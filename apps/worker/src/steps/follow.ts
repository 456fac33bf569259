/**
 * Follow: an equal request, the leader, is in flight. Its output will serve this request too, at no cost. When the
 * leader ends without an output, one of its followers is submitted and becomes the leader of the others.
 */
import type { Failure, FailureCode } from "@visgate/shared/errors";
import { isTerminal, isUnsettled, type RequestRecord } from "@visgate/shared/request";
import { type FullBudget, type StoredRequest, sharedOutputOf } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { advance, fail, type Outcome, sleepWithinDeadline } from "../outcome.js";

/** The end of the leader wakes its followers. This is for a wake-up that got lost. */
const CHECK_EVERY_MS = 60_000;
/** The provider rejected the input itself. It would reject an equal one too, and might bill it again. */
const SAME_FOR_EQUAL_INPUT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "CONTENT_POLICY_VIOLATION",
  "VALIDATION_ERROR",
]);

export async function follow(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  const { organization } = doc;
  const leader = await deps.store.requests.get({ organization, id: doc.cache.leaderId ?? "" });
  if (leader !== null && !isTerminal(leader.doc.status)) return sleepWithinDeadline(deps, doc, CHECK_EVERY_MS);
  if (leader?.doc.status === "completed" && (await share(deps, current, leader.doc))) return advance;
  const failure = leader?.doc.failure;
  if (leader && failure && appliesToFollower(deps, doc, leader.doc, failure))
    return fail(deps, current, { ...failure, charged: false });
  return handOver(deps, current);
}

/**
 * A follower fails with its leader when the provider may have the leader's job: a call that repeats it by accident must
 * not buy a second one. A cancellation is never shared; a timeout only if the follower has too little time to render.
 */
function appliesToFollower(deps: Deps, own: RequestRecord, leader: RequestRecord, { code }: Failure): boolean {
  const { model, deadlineAt, call } = own;
  if (isUnsettled(leader) && !call.isDeliberate && code !== "CANCELLED") return true;
  if (code !== "PROVIDER_TIMEOUT") return SAME_FOR_EQUAL_INPUT.has(code);
  const usualMs = (deps.catalogue.get(model)?.usualSeconds ?? 0) * 1000;
  return deadlineAt - deps.clock.now() < usualMs;
}

/** False when the leader's output is no longer kept. */
async function share(deps: Deps, current: StoredRequest, leader: RequestRecord): Promise<boolean> {
  const sharing = { name: "shared", at: deps.clock.now(), ...sharedOutputOf(leader) } as const;
  const shared = await deps.store.requests.apply(current, sharing);
  return shared.kind !== "output_gone";
}

/** This request becomes the leader itself, or follows the one that was quicker. */
async function handOver(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  const leaderId = await deps.store.sharing.claimFlight(doc);
  if (leaderId === "") return advance;
  const transition = leaderId === doc.id ? ({ name: "promoted" } as const) : ({ name: "rejoined", leaderId } as const);
  const applied = await deps.store.requests.apply(current, transition);
  return applied.kind === "budget" ? fail(deps, current, budgetExceeded(applied.budget)) : advance;
}

/** It was accepted as one that costs nothing. Now it would have to pay for its own output. */
function budgetExceeded({ id }: FullBudget): Failure {
  const message = `The equal request that it waited for failed, and the budget ${id} has no room for another one.`;
  return { code: "BUDGET_EXCEEDED", message, retryable: false, charged: false };
}
