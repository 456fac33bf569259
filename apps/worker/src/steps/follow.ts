/**
 * Follow: an equal request is in flight, and its output will be this one's too, at no cost. When that request comes to
 * nothing, one of its followers goes to the provider itself and the others follow that one.
 */
import type { Failure, FailureCode } from "@visgate/shared/errors";
import { isTerminal, isUnsettled, type RequestRecord } from "@visgate/shared/request";
import { type StoredRequest, sharedOutputOf } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { fail } from "../fail.js";
import { advance, type Outcome, sleepWithinDeadline } from "../outcome.js";

/** The leader's end wakes its followers; this is for when that got lost. */
const LOOK_EVERY_MS = 60_000;
/** The provider judged the input itself: it would judge it again, and might bill it again. */
const SAME_FOR_ALL: ReadonlySet<FailureCode> = new Set<FailureCode>(["CONTENT_POLICY_VIOLATION", "VALIDATION_ERROR"]);

export async function follow(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  const { organization } = doc;
  const leader = await deps.store.requests.get({ organization, id: doc.cache.leaderId ?? "" });
  if (leader !== null && !isTerminal(leader.doc.status)) return sleepWithinDeadline(deps, doc, LOOK_EVERY_MS);
  if (leader?.doc.status === "completed" && (await share(deps, current, leader.doc))) return advance;
  const failure = leader?.doc.failure;
  if (leader && failure && isOursToo(deps, doc, leader.doc, failure))
    return fail(deps, current, { ...failure, charged: false });
  return handOver(deps, current);
}

/**
 * A follower shares its leader's failure when the provider may have the leader's job: an equal call that is not deliberate
 * must not buy a second one. It does not share a cancellation, and a timeout only when its own time left is shorter than
 * such a render takes.
 */
function isOursToo(deps: Deps, own: RequestRecord, leader: RequestRecord, { code }: Failure): boolean {
  const { model, deadlineAt, call } = own;
  if (isUnsettled(leader) && !call.isDeliberate && code !== "CANCELLED") return true;
  if (code !== "PROVIDER_TIMEOUT") return SAME_FOR_ALL.has(code);
  const usualMs = (deps.catalogue.get(model)?.usualSeconds ?? 0) * 1000;
  return deadlineAt - deps.clock.now() < usualMs;
}

/** False when the leader's output is no longer kept. */
async function share(deps: Deps, current: StoredRequest, leader: RequestRecord): Promise<boolean> {
  const event = { name: "shared", at: deps.clock.now(), ...sharedOutputOf(leader) } as const;
  const shared = await deps.store.requests.apply(current, event);
  return shared.kind !== "output_gone";
}

async function handOver(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  const leaderId = await deps.store.sharing.claimFlight(doc);
  if (leaderId === "") return advance;
  const event = leaderId === doc.id ? ({ name: "promoted" } as const) : ({ name: "rejoined", leaderId } as const);
  await deps.store.requests.apply(current, event);
  return advance;
}
