/** The common part of checking reports: a report must be recent, name a job, and be signed with the provider's key. */

import { createOneShot, okAnswer } from "../sdk-call/one-shot.js";
import { createKeyRing } from "./key-ring.js";

/** A provider's webhook as it arrived. */
export interface Report {
  headers: Headers;
  /** The unparsed text, because the signature is computed over it. */
  body: string;
}

/** `unavailable`: the keys could not be fetched now. */
export type Verdict = { kind: "genuine"; providerRequestId: string } | { kind: "refused" } | { kind: "unavailable" };

export interface ReportVerifier {
  verify(report: Report): Promise<Verdict>;
}

export interface VerifierOptions {
  apiKey: string;
  baseUrl: string;
  /** Other URLs of the provider, by their names in `provider.json`. */
  urls: Readonly<Record<string, string | null>>;
  fetch: typeof fetch;
  now: () => number;
}

/** The content of a report before its signature is checked. */
export interface Claim {
  providerRequestId: string;
  /** Seconds since the epoch, as text, because the text is signed. */
  timestamp: string;
  isSignedBy(key: Buffer): boolean;
}

export interface Scheme {
  /** Null when a header or the job's id is missing. */
  read(report: Report): Claim | null;
  /** Null when the keys cannot be fetched. */
  fetchKeys(): Promise<Buffer[] | null>;
  now: () => number;
}

const TOLERANCE_SECONDS = 300;
const FETCH_TIMEOUT_MS = 10_000;

export function createVerifier({ read, fetchKeys, now }: Scheme): ReportVerifier {
  const keyRing = createKeyRing({ fetchKeys, now });
  return {
    async verify(report) {
      const claim = read(report);
      if (claim === null || !isFresh(claim.timestamp, now())) return { kind: "refused" };
      const signature = await keyRing.check((key) => claim.isSignedBy(key));
      if (signature === "unavailable") return { kind: "unavailable" };
      return signature === "valid"
        ? { kind: "genuine", providerRequestId: claim.providerRequestId }
        : { kind: "refused" };
    },
  };
}

function isFresh(timestamp: string, now: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
}

/** The parsed body of a 2xx; null for any other answer or none. */
export async function fetchJson(send: typeof fetch, url: string, headers: Record<string, string>): Promise<unknown> {
  const shot = createOneShot(send);
  await shot.fetch(url, { headers, signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) }).catch(() => null);
  return okAnswer(shot.sent())?.body ?? null;
}

/** A text field of a JSON body; null when it is missing or empty. */
export function fieldOf(body: string, name: string): string | null {
  try {
    const value: unknown = JSON.parse(body)?.[name];
    return typeof value === "string" && value !== "" ? value : null;
  } catch {
    return null;
  }
}
