/**
 * A provider's webhook is a nudge: when it is genuine the sleeping job looks at the provider now. What it says is not
 * believed, so a forged, replayed or late one changes nothing, and a lost one costs no more than the next poll.
 */
import type { Report, ReportVerifier } from "@visgate/providers/webhooks";
import { VisgateError } from "@visgate/shared/domain/errors";
import type { RequestRecord, RequestRef } from "@visgate/shared/domain/request";
import { isTerminal } from "@visgate/shared/domain/state";
import type { Deps } from "../deps.js";

export interface ReportAddress {
  provider: string;
  ref: RequestRef;
  /** Of the URL it was sent to. */
  signature: string;
}

/** Before anything of the message is read: only who was given this URL by us is listened to. */
export function findVerifier(deps: Deps, { provider, ref, signature }: ReportAddress): ReportVerifier {
  const verifier = deps.reportVerifiers.get(provider);
  if (verifier !== undefined && deps.secrets.reportSignatureMatches(ref, signature)) return verifier;
  throw new VisgateError("NOT_FOUND", "There is nothing at this address.");
}

export interface ReceivedReport {
  provider: string;
  ref: RequestRef;
  verifier: ReportVerifier;
  report: Report;
}

export async function receiveReport(deps: Deps, { provider, ref, verifier, report }: ReceivedReport): Promise<void> {
  const verdict = await verifier.verify(report);
  deps.metrics.countReport(provider, verdict.kind);
  if (verdict.kind === "refused") throw new VisgateError("AUTHENTICATION_ERROR", "The signature is not valid.");
  if (verdict.kind === "unavailable") throw new VisgateError("UNAVAILABLE", "The signature cannot be checked now.");
  const stored = await deps.store.requests.get(ref);
  if (stored === null || !isNews(stored.doc, provider, verdict.providerRequestId)) return;
  deps.producer
    .nudge(provider, ref.id)
    .catch((error) => deps.log.warn({ err: error, requestId: ref.id }, "a nudge was lost; the next poll will see"));
}

/** The provider's id may not be on the record yet: the report can be quicker than the answer to the submit. */
function isNews(record: RequestRecord, provider: string, providerRequestId: string): boolean {
  const isItsJob = record.providerRequestId === null || record.providerRequestId === providerRequestId;
  return isItsJob && record.provider === provider && !isTerminal(record.status);
}
