/**
 * A genuine report only nudges the sleeping job, which then polls the provider at once. Of its content only the job's
 * id is used, and only when the answer to the submit was lost: the id is signed, and only this request's submit got the
 * URL. So a report that is forged, replayed or late changes nothing, and after a lost one the next poll sees the same.
 */
import type { Report, ReportVerifier } from "@visgate/providers";
import { VisgateError } from "@visgate/shared/errors";
import { isJobOfTried, isTerminal, type RequestRecord, type RequestRef } from "@visgate/shared/request";
import { adoptJob, type StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

export interface ReportAddress {
  provider: string;
  ref: RequestRef;
  /** The signature in the URL that the report was sent to. */
  signature: string;
}

/** Called before the body is read: only a URL that this server gave to the provider is accepted. */
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
  await settleSubmit(deps, stored, verdict.providerRequestId);
  deps.producer
    .nudge(provider, ref.id)
    .catch((error) =>
      deps.log.warn({ err: error, requestId: ref.id }, "a nudge was lost; the next poll will see the end"),
    );
}

/** When the answer to the submit was lost, the report says which job at the provider belongs to this request. */
async function settleSubmit(deps: Deps, stored: StoredRequest, jobId: string): Promise<void> {
  const { doc } = stored;
  if (doc.intent === null || doc.providerRequestId !== null) return;
  const job = { id: jobId, attempt: doc.intent.attempt, at: deps.clock.now() };
  const { kind } = await adoptJob(deps.store, stored, job);
  if (kind === "refused") await deps.store.providerJobs.release(doc.provider, jobId, doc);
}

/** The record may have no provider id yet, because a report can be quicker than the answer to the submit. */
function isNews(record: RequestRecord, provider: string, providerRequestId: string): boolean {
  const isItsJob = record.providerRequestId === null || record.providerRequestId === providerRequestId;
  return (
    isItsJob && !isJobOfTried(record, providerRequestId) && record.provider === provider && !isTerminal(record.status)
  );
}
