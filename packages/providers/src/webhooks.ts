/** Are a provider's webhooks genuine? For processes that load no provider SDK. */
import { createFalVerifier } from "./fal-webhook.js";
import { createReplicateVerifier } from "./replicate-webhook.js";
import type { ReportVerifier, VerifierOptions } from "./report-verifier.js";

export type { Report, ReportVerifier, Verdict, VerifierOptions } from "./report-verifier.js";

const VERIFIERS: Record<string, (options: VerifierOptions) => ReportVerifier> = {
  fal: createFalVerifier,
  replicate: createReplicateVerifier,
};

/** Null for a provider that sends none. */
export function createReportVerifier(provider: string, options: VerifierOptions): ReportVerifier | null {
  const create = Object.hasOwn(VERIFIERS, provider) ? VERIFIERS[provider] : undefined;
  return create?.(options) ?? null;
}
