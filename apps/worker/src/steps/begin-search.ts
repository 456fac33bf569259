/** The outcome of a submit is not known: from now on the provider is asked for its job (locate), for some time. */
import type { RequestRecord } from "@visgate/shared/domain/request";
import type { StoredRequest } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { advance, type Outcome } from "../outcome.js";

/** With reports on, the end of the render tells; some renders take longer than usual. */
const USUAL_TIMES = 2;

/** `submitEnded`: this process made the submit, and saw it end without an outcome. */
export async function beginSearch(deps: Deps, current: StoredRequest, submitEnded: boolean): Promise<Outcome> {
  const { doc } = current;
  const at = deps.clock.now();
  const until = searchUntil(deps, doc, at);
  const lost = { name: "submit_lost", at, attempt: doc.attempts, until, submitEnded } as const;
  await deps.store.requests.apply(doc, lost, current);
  return advance;
}

function searchUntil(deps: Deps, record: RequestRecord, now: number): number {
  const usualMs = (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  const reportMs = record.awaitsWebhook ? usualMs * USUAL_TIMES : 0;
  return Math.min(record.deadlineAt, now + Math.max(deps.settings.locateMs, reportMs));
}
