/** Are a provider's webhooks genuine? For processes that load no provider SDK. */
import { createFalVerifier } from "./fal-webhook.js";
import { createReplicateVerifier } from "./replicate-webhook.js";

/** A webhook as it arrived. */
export interface Report {
  headers: Headers;
  /** As text, unparsed: the signature is over it. */
  body: string;
}

/** `unavailable`: what to check it with could not be had just now. */
export type Verdict = { kind: "genuine"; providerRequestId: string } | { kind: "refused" } | { kind: "unavailable" };

export interface ReportVerifier {
  verify(report: Report): Promise<Verdict>;
}

export interface VerifierOptions {
  apiKey: string;
  baseUrl: string;
  /** Where fal publishes its keys. */
  jwksUrl: string;
  fetch: typeof fetch;
  now: () => number;
}

const VERIFIERS: Record<string, (options: VerifierOptions) => ReportVerifier> = {
  fal: createFalVerifier,
  replicate: createReplicateVerifier,
};

/** Null for a provider that sends none. */
export function createReportVerifier(provider: string, options: VerifierOptions): ReportVerifier | null {
  return (Object.hasOwn(VERIFIERS, provider) ? VERIFIERS[provider]?.(options) : null) ?? null;
}
