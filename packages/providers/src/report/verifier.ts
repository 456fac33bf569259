/** What the providers' webhooks have in common: fresh, signed with a key that is fetched and kept, about one job. */

import { createOneShot, okAnswer } from "../sdk-call/one-shot.js";
import { createKeyRing } from "./key-ring.js";

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
  /** Other addresses of the provider, by what they are for (`provider.json`). */
  urls: Readonly<Record<string, string | null>>;
  fetch: typeof fetch;
  now: () => number;
}

/** What a report says of itself, before anything of it is believed. */
export interface Claim {
  providerRequestId: string;
  /** Seconds since the epoch, as it was signed. */
  timestamp: string;
  isSignedBy(key: Buffer): boolean;
}

export interface Scheme {
  /** Null when a part is missing. */
  read(report: Report): Claim | null;
  /** Null when the keys cannot be had. */
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
      const found = await keyRing.check((key) => claim.isSignedBy(key));
      if (found === "unavailable") return { kind: "unavailable" };
      return found === "fits" ? { kind: "genuine", providerRequestId: claim.providerRequestId } : { kind: "refused" };
    },
  };
}

function isFresh(timestamp: string, now: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
}

/** The body of a 2xx, parsed; null when there is none to be had. */
export async function fetchJson(send: typeof fetch, url: string, headers: Record<string, string>): Promise<unknown> {
  const shot = createOneShot(send);
  await shot.fetch(url, { headers, signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) }).catch(() => null);
  return okAnswer(shot.sent())?.body ?? null;
}

/** A text field of a JSON body; null when there is none. */
export function fieldOf(body: string, name: string): string | null {
  try {
    const value: unknown = JSON.parse(body)?.[name];
    return typeof value === "string" && value !== "" ? value : null;
  } catch {
    return null;
  }
}
