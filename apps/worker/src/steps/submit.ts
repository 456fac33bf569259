/**
 * Submit: the intent is written before the POST and the provider's id after it. A worker that finds an intent without
 * an id cannot know whether the provider has the job, so it never sends again, but looks for it (locate): at most one
 * bill. After both writes the record is asked, not the answer of the write: when Redis dies between a write and its
 * answer, the write is sent again, and finds itself done already.
 */
import type { SubmitResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { Intent, RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import { exponential, jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail } from "../fail.js";
import { advance, type Outcome, sleepWithinDeadline } from "../outcome.js";
import { prepareBody } from "../provider/body.js";
import { measured, type ProviderCall, providerCallFor, reportUrlOf } from "../provider/call.js";
import { beginSearch, INTENT_FRESH_MS } from "./locate.js";
import { nextLookMs } from "./poll.js";

const RETRY_BASE_MS = 1000;
const RETRY_MAX_MS = 60_000;
const UPLOAD_RETRY_MS = 5000;

const NOT_CONFIGURED: Failure = {
  code: "PROVIDER_NOT_CONFIGURED",
  message: "There is no usable key for the provider (any more).",
  retryable: false,
  charged: false,
};

export async function submit(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const record = current.doc;
  const provider = await providerCallFor(deps, record);
  if (provider === null) return fail(deps, current, NOT_CONFIGURED);
  const prepared = await prepareBody(deps, record, provider);
  if (prepared.kind === "refused") return fail(deps, current, prepared.failure);
  if (prepared.kind === "later")
    return sleepWithinDeadline(
      deps,
      record,
      Math.max(prepared.retryAfterMs ?? 0, jitter(UPLOAD_RETRY_MS, deps.random())),
    );

  const webhookUrl = reportUrlOf(deps, record);
  const intent = intentOf(deps, record, prepared.uploadedUrl);
  const intended = await deps.store.requests.apply(current, {
    name: "submit_intended",
    intent,
    awaitsWebhook: webhookUrl !== null,
  });
  if (intended.kind === "missing" || !isMyTurn(intended.current.doc, intent.token)) return advance;
  if (deps.clock.now() - intent.at > INTENT_FRESH_MS) return notSent(deps, intended.current);
  // Only a lost lock would abort this call, and then its outcome would be unknown for good: it runs to its own limit.
  const call = provider.call(AbortSignal.timeout(deps.settings.submitTimeoutMs));
  const result = await measured(deps, record.provider, "submit", () =>
    provider.adapter.submit({ endpoint: record.endpoint, body: prepared.body, webhookUrl }, call),
  );
  return settle(deps, intended.current, provider, result);
}

function intentOf(deps: Deps, { attempts }: RequestRecord, uploadedUrl: string | null): Intent {
  const { leaseId } = deps;
  return { attempt: attempts + 1, at: deps.clock.now(), token: deps.newToken(), leaseId, uploadedUrl };
}

/** The intent is ours, and certainly nothing was sent for it, so the next attempt may be made. */
async function notSent(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  await deps.store.requests.apply(current, { name: "submit_rejected", attempt: doc.attempts });
  return advance;
}

/** A write whose answer was long in coming may find its request ended by who waited for it in vain. */
function isMyTurn(record: RequestRecord, token: string): boolean {
  return record.status === "pending" && record.intent?.token === token;
}

async function settle(
  deps: Deps,
  current: StoredRequest,
  provider: ProviderCall,
  result: SubmitResult,
): Promise<Outcome> {
  switch (result.kind) {
    case "accepted":
      return keepId(deps, current, provider, result.id);
    case "unknown":
      deps.log.warn({ requestId: current.doc.id, cause: result.cause }, "the outcome of a submit is unknown");
      return beginSearch(deps, current, true);
    case "rejected":
      return result.failure.retryable
        ? retryLater(deps, current, result.retryAfterMs, result.failure)
        : fail(deps, current, result.failure);
  }
}

async function keepId(deps: Deps, current: StoredRequest, provider: ProviderCall, id: string): Promise<Outcome> {
  const { doc } = current;
  // Another request with equal input claimed this job for its own lost submit; so its job, if there is one, is ours.
  if (!(await deps.store.providerJobs.claim(doc.provider, id, doc))) return beginSearch(deps, current, true);
  const event = { name: "accepted", at: deps.clock.now(), attempt: doc.attempts, providerRequestId: id } as const;
  const kept = await deps.store.requests.apply(current, event);
  if (kept.kind !== "missing" && kept.current.doc.providerRequestId === id) {
    return sleepUnlessCancelled(deps, kept.current, nextLookMs(deps, kept.current.doc, provider.adapter.rhythm));
  }
  // The record was given up on meanwhile: what the provider began is of no use to anybody.
  deps.log.error({ requestId: doc.id, providerRequestId: id }, "accepted by the provider after the request had ended");
  await provider.adapter
    .cancel({ endpoint: doc.endpoint, id }, provider.call(AbortSignal.timeout(deps.settings.submitTimeoutMs)))
    .catch((error) => deps.log.error({ requestId: doc.id, err: error }, "it could not be cancelled"));
  return advance;
}

/** A cancel may have come while the provider was asked: then there is no time to sleep. */
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
  const backoffMs = jitter(exponential(doc.attempts, RETRY_BASE_MS, RETRY_MAX_MS), deps.random(), 0.25);
  const delayMs = Math.max(backoffMs, retryAfterMs ?? 0);
  if (deps.clock.now() + delayMs >= doc.deadlineAt) return fail(deps, current, failure);
  const cleared = await deps.store.requests.apply(current, { name: "submit_rejected", attempt: doc.attempts });
  return cleared.kind === "applied" ? sleepUnlessCancelled(deps, cleared.current, delayMs) : advance;
}
