/**
 * Submit: the intent is written before the POST and the provider's id after it. A worker that finds an intent without
 * an id cannot know whether the provider has the job, so it never sends the POST again but searches for the job
 * (locate): the caller is billed once at most. After both writes the record decides, not the answer of the write: when
 * Redis dies between a write and its answer, the write is sent again and finds itself already done.
 */
import type { SubmitResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import { type Intent, isTerminal, ownAttempts, type RequestRecord } from "@visgate/shared/request";
import { adoptJob, type StoredRequest } from "@visgate/shared/store";
import { exponential, jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fallBack } from "../fall-back.js";
import { advance, fail, type Outcome, sleepWithinDeadline } from "../outcome.js";
import { atRate, tooEarlyMs } from "../pacing/departure.js";
import { prepareBody, type Uploads } from "../provider/body.js";
import { measured, type ProviderCall, providerCallFor, reportUrlOf } from "../provider/call.js";
import { billedMicro } from "../provider/cost.js";
import { noteFailure } from "../provider/health.js";
import { nextLookMs } from "../provider/look.js";
import { beginSearch, INTENT_FRESH_MS } from "../provider/lost-submit.js";

const RETRY_BASE_MS = 1000;
const RETRY_MAX_MS = 60_000;
const UPLOAD_RETRY_MS = 5000;

const NOT_CONFIGURED: Failure = {
  code: "PROVIDER_NOT_CONFIGURED",
  message: "There is no usable key for the provider any more; send the request again with a key.",
  retryable: false,
  charged: false,
};

export async function submit(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const record = current.doc;
  const provider = await providerCallFor(deps, record);
  if (provider === null) return fail(deps, current, NOT_CONFIGURED);
  const prepared = await prepareBody(deps, record, provider);
  if (prepared.kind === "refused") return fail(deps, current, prepared.failure);
  if (prepared.kind === "later") {
    if (prepared.failure !== null && (await fallBack(deps, current, prepared.failure))) return advance;
    const delayMs = Math.max(prepared.retryAfterMs ?? 0, jitter(UPLOAD_RETRY_MS, deps.random()));
    return sleepWithinDeadline(deps, record, delayMs);
  }

  const earlyMs = await tooEarlyMs(deps, record);
  if (earlyMs > 0) return sleepWithinDeadline(deps, record, earlyMs);
  const reportUrl = reportUrlOf(deps, record);
  const intent = intentOf(deps, record, prepared.uploads);
  const intended = await deps.store.requests.apply(current, {
    name: "submit_intended",
    intent,
    awaitsReport: reportUrl !== null,
  });
  if (intended.kind === "missing" || !isMyTurn(intended.current.doc, intent.token)) return advance;
  if (deps.clock.now() - intent.at > INTENT_FRESH_MS) return notSent(deps, intended.current);
  // Not aborted by a lost lock: its outcome would then be unknown for ever. It has its own time limit.
  const call = provider.call(AbortSignal.timeout(deps.settings.submitTimeoutMs));
  const result = await atRate(deps, record, () =>
    measured(deps, record.provider, "submit", () =>
      provider.adapter.submit({ endpoint: record.endpoint, body: prepared.body, reportUrl }, call),
    ),
  );
  return applyResult(deps, intended.current, provider, result);
}

function intentOf(deps: Deps, { attempts }: RequestRecord, uploads: Uploads): Intent {
  const { leaseId } = deps;
  return { attempt: attempts + 1, at: deps.clock.now(), token: deps.newToken(), leaseId, ...uploads };
}

/** The intent became too old to send the POST, so nothing was sent. The next attempt may follow. */
async function notSent(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  await deps.store.requests.apply(current, { name: "submit_rejected", attempt: doc.attempts });
  return advance;
}

/** When the answer of the write took long, another process may have ended the request meanwhile. */
function isMyTurn(record: RequestRecord, token: string): boolean {
  return !isTerminal(record.status) && record.providerRequestId === null && record.intent?.token === token;
}

async function applyResult(
  deps: Deps,
  current: StoredRequest,
  provider: ProviderCall,
  result: SubmitResult,
): Promise<Outcome> {
  switch (result.kind) {
    case "accepted":
      return keepId(deps, current, provider, result);
    case "unknown":
      deps.log.warn({ requestId: current.doc.id, cause: result.cause }, "the outcome of a submit is unknown");
      return beginSearch(deps, current, true);
    case "rejected":
      return result.failure.retryable
        ? retryLater(deps, current, result.retryAfterMs, result.failure)
        : fail(deps, current, result.failure);
  }
}

type AcceptedSubmit = Extract<SubmitResult, { kind: "accepted" }>;

async function keepId(deps: Deps, current: StoredRequest, provider: ProviderCall, accepted: AcceptedSubmit) {
  const { doc } = current;
  const { id } = accepted;
  const estimateMicro = billedMicro(deps, doc, accepted.estimate ?? null);
  const job = { id, attempt: doc.attempts, at: deps.clock.now(), estimateMicro };
  const adopted = await adoptJob(deps.store, current, job);
  // An equal request claimed this job for its own lost submit. Then the job of that submit may be found for this one.
  if (adopted.kind === "taken") return beginSearch(deps, current, true);
  if (adopted.kind === "adopted") {
    return sleepUnlessCancelled(deps, adopted.current, nextLookMs(deps, adopted.current.doc, provider.adapter.rhythm));
  }
  // The request ended meanwhile. The claim stays, so that no equal request adopts a job that is being cancelled.
  deps.log.error(
    { requestId: doc.id, providerRequestId: id },
    "the provider accepted a job of a request that has ended; the job is cancelled",
  );
  await provider.adapter
    .cancel({ endpoint: doc.endpoint, id }, provider.call(AbortSignal.timeout(deps.settings.submitTimeoutMs)))
    .catch((error) =>
      deps.log.error({ requestId: doc.id, err: error }, "a job that nobody needs could not be cancelled"),
    );
  return advance;
}

/** A cancel may have come while the provider was called: then the next step runs at once. */
function sleepUnlessCancelled(deps: Deps, { doc }: StoredRequest, delayMs: number): Outcome {
  return doc.cancelRequestedAt === null ? sleepWithinDeadline(deps, doc, delayMs) : advance;
}

async function retryLater(
  deps: Deps,
  current: StoredRequest,
  retryAfterMs: number | null,
  failure: Failure,
): Promise<Outcome> {
  const { doc } = current;
  // Another model may take it now.
  if (await fallBack(deps, current, failure)) return advance;
  const backoffMs = jitter(exponential(ownAttempts(doc), RETRY_BASE_MS, RETRY_MAX_MS), deps.random(), 0.25);
  const delayMs = Math.max(backoffMs, retryAfterMs ?? 0);
  if (deps.clock.now() + delayMs >= doc.deadlineAt) return fail(deps, current, failure);
  const cleared = await deps.store.requests.apply(current, { name: "submit_rejected", attempt: doc.attempts });
  if (cleared.kind === "applied") noteFailure(deps, doc, failure);
  return cleared.kind === "applied" ? sleepUnlessCancelled(deps, cleared.current, delayMs) : advance;
}
