/** Which failures of a call are worth another try, and when. Stated once, for calls, polls and streams alike. */
import type { VisgateError } from "./errors.js";
import type { Runtime } from "./runtime.js";

const STATUSES = new Set([408, 429, 500, 502, 503, 504]);
/** The gateway has done nothing when it answers these. */
const UNTOUCHED = new Set([429, 503]);
/** Something in between, or the gateway itself, says that it is not there now. */
const AWAY = new Set([502, 503, 504]);
/** How Node calls a connection that stood and broke. */
const CUT = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
/** How Node calls one that never stood. */
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 5000;
/** A longer `Retry-After` is the caller's to decide about. */
const MAX_RETRY_AFTER_SECONDS = 60;

export interface Backoff {
  /** 0 before the first retry. */
  attempt: number;
  random: () => number;
}

/**
 * An error that names a request is how that request ended, not how the call went: asking again changes nothing.
 * `idempotent`: doing it twice does no harm.
 */
export function isRetryable(error: VisgateError, idempotent: boolean): boolean {
  // UNAVAILABLE names the request that may be there: only the same call under the same key tells.
  if (error.requestId !== null && error.errorCode !== "UNAVAILABLE") return false;
  if (error.statusCode !== null) return (idempotent ? STATUSES : UNTOUCHED).has(error.statusCode);
  return idempotent && (error.errorCode === "CONNECTION_ERROR" || error.errorCode === "CLIENT_TIMEOUT");
}

/** The gateway was there a moment ago: it is being restarted, more likely than that its address is wrong. */
export function isOutage(error: VisgateError): boolean {
  return error.statusCode === null ? CUT.has(networkCode(error)) : AWAY.has(error.statusCode);
}

/** Its answer was lost, or is one of something in between: the gateway may have done what it was asked for. */
export function mayHaveBeenDone(error: VisgateError): boolean {
  const { statusCode } = error;
  if (statusCode === null) return !UNSENT.has(networkCode(error));
  return STATUSES.has(statusCode) && !UNTOUCHED.has(statusCode);
}

/** What Node has to say about a connection, in the cause of what `fetch` threw; browsers say nothing. */
function networkCode(error: VisgateError): string {
  const { cause } = (error.cause ?? {}) as { cause?: { code?: unknown } };
  return String(cause?.code);
}

/** Milliseconds; null when the server asks for more patience than a call has. */
export function backoffMs(error: VisgateError, { attempt, random }: Backoff): number | null {
  const waitSeconds = error.retryAfter ?? 0;
  if (waitSeconds > MAX_RETRY_AFTER_SECONDS) return null;
  const own = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + random() / 2);
  return Math.max(own, waitSeconds * 1000);
}

export interface RetryRules {
  /** Doing it twice does no harm. */
  idempotent: boolean;
  maxRetries: number;
  /** How long a gateway that is being restarted is outlasted, however many tries that takes; 0: not at all. */
  outageMs: number;
}

/** Of one call, told of each failure: milliseconds until it is tried again; null when it is not. */
export function createRetries({ idempotent, maxRetries, outageMs }: RetryRules, { now, random }: Runtime) {
  const patientUntil = maxRetries === 0 ? 0 : now() + outageMs;
  let isRestarting = false;
  let attempt = -1;
  return (error: VisgateError): number | null => {
    attempt += 1;
    isRestarting ||= isOutage(error);
    const isPatient = isRestarting && error.statusCode !== 429 && now() < patientUntil;
    if (!isRetryable(error, idempotent) || !(attempt < maxRetries || isPatient)) return null;
    return backoffMs(error, { attempt, random });
  };
}

/** `Date.parse` finds a year in nearly anything. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** `Retry-After`: seconds, or a date. @returns seconds, null when there is none */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const at = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / 1000));
}
