/**
 * Locate: searches for the job of a lost submit (provider/lost-submit.ts) in the provider's list, until it is found or
 * the time is over. Meanwhile the API may learn its id from the provider's report. A request whose job is found
 * continues as usual; otherwise it ends with `SUBMIT_UNKNOWN` and `chargeState: unknown`.
 */
import type { Candidate, LocateResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { Intent, RequestRecord, Search } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import { adoptJob, type StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { advance, fail, type Outcome, sleep } from "../outcome.js";
import { prepareBody } from "../provider/body.js";
import { measured, providerCallFor, reportUrlOf } from "../provider/call.js";
import { beginSearch, INTENT_FRESH_MS, submitEndsWithinMs } from "../provider/lost-submit.js";

const SEARCH_TIMEOUT_MS = 20_000;
const SEARCH_EVERY_MIN_MS = 1000;
const SEARCH_EVERY_MAX_MS = 10_000;
/** How often the worker checks whether the process that makes the submit is still alive. */
const HOLDER_CHECK_MS = 1000;

const SUBMIT_UNKNOWN: Failure = {
  code: "SUBMIT_UNKNOWN",
  message: "The submit may have reached the provider, but its job was not found there. It was not sent twice.",
  retryable: false,
  charged: null,
};

export async function locate(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { doc } = current;
  if (doc.intent === null) return advance;
  if (doc.search === null) return beginUnlessUnderWay(deps, current, doc.intent);
  const result = await searchAtProvider(deps, doc, doc.intent, signal);
  if (result.kind === "found") {
    const isClaimed = await claimFirst(deps, current, doc.intent, result.candidates);
    if (isClaimed) return advance;
  }
  const leftMs = searchEndsAt(deps, doc, doc.search, result) - deps.clock.now();
  if (leftMs <= 0) return fail(deps, current, SUBMIT_UNKNOWN);
  return sleep(Math.min(leftMs, nextSearchMs(deps, doc.search.since, result)));
}

/**
 * When the search ends: at once when the outcome can never be known. But not while the process that made the submit may
 * still get its answer, and not while a listed job may still turn out to belong to this request.
 */
function searchEndsAt(deps: Deps, record: RequestRecord, search: Search, result: LocateResult): number {
  const untilMs = isHopeless(record, result) ? 0 : search.until;
  const answerMs = search.submitEnded ? 0 : (record.intent?.at ?? 0) + submitEndsWithinMs(deps);
  const candidates = result.kind === "found" ? result.candidates : [];
  const latestMs = deps.clock.now() + submitEndsWithinMs(deps);
  const claimableMs = candidates
    .filter((one) => mayBelongToOther(deps, one))
    .map(({ createdAt }) => createdAt + submitEndsWithinMs(deps));
  return Math.max(untilMs, answerMs, ...claimableMs.map((ms) => Math.min(ms, latestMs)));
}

/**
 * An earlier wake-up wrote the intent, but no provider id. While its process lives, its POST may be under way. A
 * process that was declared dead by mistake may still send the POST of a fresh intent, never that of an old one.
 */
async function beginUnlessUnderWay(deps: Deps, current: StoredRequest, intent: Intent): Promise<Outcome> {
  const ageMs = deps.clock.now() - intent.at;
  const leftMs = submitEndsWithinMs(deps) - ageMs;
  const mayStillSend = ageMs <= INTENT_FRESH_MS || !(await deps.isGone(intent.leaseId));
  return leftMs > 0 && mayStillSend ? sleep(Math.min(leftMs, HOLDER_CHECK_MS)) : beginSearch(deps, current, false);
}

async function searchAtProvider(
  deps: Deps,
  record: RequestRecord,
  intent: Intent,
  signal: AbortSignal,
): Promise<LocateResult> {
  const provider = await providerCallFor(deps, record);
  if (provider === null) return cannotTell("no key");
  const prepared = await prepareBody(deps, record, provider);
  if (prepared.kind !== "ready") return cannotTell("the input is no longer kept");
  const lost = {
    endpoint: record.endpoint,
    body: prepared.body,
    reportUrl: record.awaitsReport ? reportUrlOf(deps, record) : null,
    sentAt: intent.at,
  };
  return measured(deps, record.provider, "locate", () =>
    within(SEARCH_TIMEOUT_MS, [signal], (limited) => provider.adapter.locate(lost, provider.call(limited))),
  );
}

const cannotTell = (cause: string): LocateResult => ({ kind: "cannot_tell", cause, isFinal: true, retryAfterMs: null });

/** The provider's list can never show the job, and no report will arrive. */
function isHopeless({ awaitsReport }: RequestRecord, result: LocateResult): boolean {
  return result.kind === "cannot_tell" && result.isFinal && !awaitsReport;
}

/** False when no candidate can be claimed: other requests own them, or may still claim them. */
async function claimFirst(deps: Deps, current: StoredRequest, intent: Intent, candidates: Candidate[]) {
  const { doc } = current;
  for (const candidate of candidates) {
    if (!candidate.isCertain && mayBelongToOther(deps, candidate)) continue;
    const job = { id: candidate.id, attempt: intent.attempt, at: deps.clock.now() };
    const { kind } = await adoptJob(deps.store, current, job);
    if (kind === "taken") continue;
    if (kind === "refused") await deps.store.providerJobs.release(doc.provider, job.id, doc);
    else deps.log.info({ requestId: doc.id, providerRequestId: job.id }, "the job of a lost submit was found");
    return true;
  }
  return false;
}

/**
 * An equal request may have created the job and not have its id yet. Once every submit that could have created the job
 * has ended, each request that got an answer has claimed its own job.
 */
function mayBelongToOther(deps: Deps, { createdAt }: Candidate): boolean {
  return deps.clock.now() < createdAt + submitEndsWithinMs(deps);
}

function nextSearchMs(deps: Deps, since: number, result: LocateResult): number {
  const byAge = Math.min(SEARCH_EVERY_MAX_MS, Math.max(SEARCH_EVERY_MIN_MS, (deps.clock.now() - since) / 5));
  const asked = result.kind === "cannot_tell" ? (result.retryAfterMs ?? 0) : 0;
  return Math.max(asked, jitter(byAge, deps.random()));
}
