/**
 * A submit is lost when its outcome is not known: the POST may have reached the provider. It is never sent again. From
 * then on the locate step searches for its job at the provider.
 */
import type { RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { advance, type Outcome } from "../outcome.js";

/**
 * A process that paused for longer between intent and POST may have been declared dead, so it does not send the POST.
 * Therefore a POST is sent while its intent is younger than this, or never.
 */
export const INTENT_FRESH_MS = 2000;
/** Added to the submit's own time limit, before an intent without a provider id counts as lost. */
const SUBMIT_GRACE_MS = 5000;
/** While a report may still arrive, the search lasts longer: some renders take twice their usual time. */
const USUAL_TIMES = 2;

/** This long after its intent, every submit has ended, with or without an answer. */
export const submitEndsWithinMs = (deps: Deps): number => deps.settings.submitTimeoutMs + SUBMIT_GRACE_MS;

/** `submitEnded`: this process made the submit and saw it end without a known outcome. */
export async function beginSearch(deps: Deps, current: StoredRequest, submitEnded: boolean): Promise<Outcome> {
  const { doc } = current;
  const at = deps.clock.now();
  const until = searchUntil(deps, doc, at);
  await deps.store.requests.apply(current, { name: "submit_lost", at, attempt: doc.attempts, until, submitEnded });
  return advance;
}

function searchUntil(deps: Deps, record: RequestRecord, now: number): number {
  const usualMs = (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  const reportMs = record.awaitsReport ? usualMs * USUAL_TIMES : 0;
  return Math.min(record.deadlineAt, now + Math.max(deps.settings.locateMs, reportMs));
}
