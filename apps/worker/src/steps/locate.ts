/**
 * Locate: the outcome of a submit is not known. It is never sent again. The worker searches for the job in the
 * provider's list until it is found or the time is over; the API may learn its id from the provider's report meanwhile.
 * A request whose job is found continues as usual; otherwise it ends `SUBMIT_UNKNOWN`, with `chargeState: unknown`.
 */

import type { Candidate, LocateResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { Intent, RequestRecord, Search } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import type { StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail } from "../fail.js";
import { advance, type Outcome, sleep } from "../outcome.js";
import { prepareBody } from "../provider/body.js";
import { measured, providerCallFor, reportUrlOf } from "../provider/call.js";

const LOOK_TIMEOUT_MS = 20_000;
const LOOK_MIN_MS = 1000;
const LOOK_MAX_MS = 10_000;
/** On top of the submit's own time limit, before an intent without an id counts as lost. */
const SUBMIT_GRACE_MS = 5000;
/** How often the worker checks whether the process that makes the submit is still alive. */
const HOLDER_LOOK_MS = 1000;

/**
 * A process that was stopped for longer between intent and POST may have been declared dead, so it sends nothing. A
 * POST is sent while its intent is young, or never.
 */
export const INTENT_FRESH_MS = 2000;

const SUBMIT_UNKNOWN: Failure = {
  code: "SUBMIT_UNKNOWN",
  message: "The submit may have reached the provider, where it was not found; it was not sent twice.",
  retryable: false,
  charged: null,
};

export async function locate(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { doc } = current;
  if (doc.intent === null) return advance;
  if (doc.search === null) return beginUnlessUnderWay(deps, current, doc.intent);
  const result = await look(deps, doc, doc.intent, signal);
  if (result.kind === "found") {
    const isClaimed = await claimFirst(deps, current, doc.intent, result.candidates);
    if (isClaimed) return advance;
  }
  const leftMs = lookUntil(deps, doc, doc.search, result) - deps.clock.now();
  if (leftMs <= 0) return fail(deps, current, SUBMIT_UNKNOWN);
  return sleep(Math.min(leftMs, nextLookMs(deps, doc.search.since, result)));
}

/**
 * When the search ends: at once when the outcome can never be known. But not while the process that made the submit may
 * still get its answer; nor while a listed job may still become ours, as long as no equal request claims it.
 */
function lookUntil(deps: Deps, record: RequestRecord, search: Search, result: LocateResult): number {
  const untilMs = isHopeless(record, result) ? 0 : search.until;
  const answerMs = search.submitEnded ? 0 : (record.intent?.at ?? 0) + submitMs(deps);
  const candidates = result.kind === "found" ? result.candidates : [];
  const latestMs = deps.clock.now() + submitMs(deps);
  const ripeMs = candidates
    .filter((one) => mayBeUnderWay(deps, one))
    .map(({ createdAt }) => createdAt + submitMs(deps));
  return Math.max(untilMs, answerMs, ...ripeMs.map((ms) => Math.min(ms, latestMs)));
}

/** After this time every submit has ended, with or without an answer. */
const submitMs = (deps: Deps): number => deps.settings.submitTimeoutMs + SUBMIT_GRACE_MS;

/**
 * An earlier run wrote the intent and no id. While its process lives, its POST may be under way. A process that was
 * declared dead by mistake may still send for a young intent, never for an old one.
 */
async function beginUnlessUnderWay(deps: Deps, current: StoredRequest, intent: Intent): Promise<Outcome> {
  const ageMs = deps.clock.now() - intent.at;
  const leftMs = submitMs(deps) - ageMs;
  const mayBeSent = ageMs <= INTENT_FRESH_MS || !(await deps.isGone(intent.leaseId));
  return leftMs > 0 && mayBeSent ? sleep(Math.min(leftMs, HOLDER_LOOK_MS)) : beginSearch(deps, current, false);
}

async function look(deps: Deps, record: RequestRecord, intent: Intent, signal: AbortSignal): Promise<LocateResult> {
  const provider = await providerCallFor(deps, record);
  if (provider === null) return cannotTell("no key");
  const prepared = await prepareBody(deps, record, provider);
  if (prepared.kind !== "ready") return cannotTell("the input is no longer kept");
  const lost = {
    endpoint: record.endpoint,
    body: prepared.body,
    webhookUrl: record.awaitsWebhook ? reportUrlOf(deps, record) : null,
    sentAt: intent.at,
  };
  return measured(deps, record.provider, "locate", () =>
    within(LOOK_TIMEOUT_MS, [signal], (limited) => provider.adapter.locate(lost, provider.call(limited))),
  );
}

const cannotTell = (cause: string): LocateResult => ({ kind: "cannot_tell", cause, isFinal: true, retryAfterMs: null });

/** The list will never tell, and no report was asked for. */
function isHopeless({ awaitsWebhook }: RequestRecord, result: LocateResult): boolean {
  return result.kind === "cannot_tell" && result.isFinal && !awaitsWebhook;
}

/** False when no candidate can be claimed: other requests own them, or may be about to claim them. */
async function claimFirst(deps: Deps, current: StoredRequest, intent: Intent, candidates: Candidate[]) {
  const { doc } = current;
  for (const candidate of candidates) {
    if (!candidate.isCertain && mayBeUnderWay(deps, candidate)) continue;
    if (!(await deps.store.providerJobs.claim(doc.provider, candidate.id, doc))) continue;
    const at = deps.clock.now();
    const accepted = { name: "accepted", at, attempt: intent.attempt, providerRequestId: candidate.id } as const;
    const applied = await deps.store.requests.apply(current, accepted);
    const isOurs = applied.kind !== "missing" && applied.current.doc.providerRequestId === candidate.id;
    if (!isOurs) await deps.store.providerJobs.release(doc.provider, candidate.id, doc);
    else deps.log.info({ requestId: doc.id, providerRequestId: candidate.id }, "the job of a lost submit was found");
    return true;
  }
  return false;
}

/**
 * Another request with equal input may have created the job and not have its id yet. After the time limit of every
 * submit that could have created it, each request that got an answer has claimed its own job.
 */
function mayBeUnderWay(deps: Deps, { createdAt }: Candidate): boolean {
  return deps.clock.now() < createdAt + submitMs(deps);
}

function nextLookMs(deps: Deps, since: number, result: LocateResult): number {
  const byAge = Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, (deps.clock.now() - since) / 5));
  const asked = result.kind === "cannot_tell" ? (result.retryAfterMs ?? 0) : 0;
  return Math.max(asked, jitter(byAge, deps.random()));
}

/** With reports on, the end of the render tells; some renders take longer than usual. */
const USUAL_TIMES = 2;

/** From now on the provider is searched for the job, for some time. `submitEnded`: this process made the submit, and saw it end without an outcome. */
export async function beginSearch(deps: Deps, current: StoredRequest, submitEnded: boolean): Promise<Outcome> {
  const { doc } = current;
  const at = deps.clock.now();
  const until = searchUntil(deps, doc, at);
  const lost = { name: "submit_lost", at, attempt: doc.attempts, until, submitEnded } as const;
  await deps.store.requests.apply(current, lost);
  return advance;
}

function searchUntil(deps: Deps, record: RequestRecord, now: number): number {
  const usualMs = (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  const reportMs = record.awaitsWebhook ? usualMs * USUAL_TIMES : 0;
  return Math.min(record.deadlineAt, now + Math.max(deps.settings.locateMs, reportMs));
}
