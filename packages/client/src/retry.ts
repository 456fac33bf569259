/** Which failures are worth another try, and when. The same rules hold for calls, polls and streams. */
import type { VisgateError } from "./errors.js";
import type { Runtime } from "./runtime.js";

const RETRYABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
/** The gateway answers these only when it has not begun to process the call. */
const NOT_PROCESSED_STATUSES = new Set([429, 503]);
/** The gateway, or a proxy in front of it, says that the gateway is not available now. */
const OUTAGE_STATUSES = new Set([502, 503, 504]);
/** Node's codes for an established connection that broke. */
const BROKEN_CODES = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
/** Node's codes for a connection that was never established: nothing was sent. */
const NOT_CONNECTED_CODES = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 5000;
/** A longer `Retry-After` ends the call: the caller decides whether to wait. */
const MAX_RETRY_AFTER_SECONDS = 60;

/** @param idempotent whether sending the call twice has the same effect as sending it once */
export function isRetryable(error: VisgateError, idempotent = true): boolean {
  // An error that names a request tells how that request ended: sending the call again changes nothing. UNAVAILABLE
  // names a request that may not exist: only the same call under the same key finds out.
  if (error.requestId !== null && error.errorCode !== "UNAVAILABLE") return false;
  if (error.statusCode !== null) {
    return (idempotent ? RETRYABLE_STATUSES : NOT_PROCESSED_STATUSES).has(error.statusCode);
  }
  return idempotent && (error.errorCode === "CONNECTION_ERROR" || error.errorCode === "CLIENT_TIMEOUT");
}

/** The gateway was available a moment ago, so it is probably restarting rather than at another address. */
export function isOutage(error: VisgateError): boolean {
  return error.statusCode === null ? BROKEN_CODES.has(networkCode(error)) : OUTAGE_STATUSES.has(error.statusCode);
}

/** The answer was lost or came from a proxy, so the gateway may have processed the call. */
export function mayHaveBeenProcessed(error: VisgateError): boolean {
  const { statusCode } = error;
  if (statusCode === null) return !NOT_CONNECTED_CODES.has(networkCode(error));
  return RETRYABLE_STATUSES.has(statusCode) && !NOT_PROCESSED_STATUSES.has(statusCode);
}

/** Node's code of a network failure, from the cause of what `fetch` threw. Browsers give no code: then "undefined". */
function networkCode(error: VisgateError): string {
  const { cause } = (error.cause ?? {}) as { cause?: { code?: unknown } };
  return String(cause?.code);
}

export interface Backoff {
  /** 0 before the first retry. */
  attempt: number;
  random: () => number;
}

/** Milliseconds until the next try; null when the server asks for a longer wait than a call makes. */
export function backoffMs(error: VisgateError, { attempt, random }: Backoff): number | null {
  const retryAfterSeconds = error.retryAfter ?? 0;
  if (retryAfterSeconds > MAX_RETRY_AFTER_SECONDS) return null;
  const ownMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + random() / 2);
  return Math.max(ownMs, retryAfterSeconds * 1000);
}

export interface CallRetryRules {
  /** Sending the call twice has the same effect as sending it once. */
  idempotent: boolean;
  maxRetries: number;
  /** During an outage the call is tried again for this long, beyond `maxRetries`; 0: not at all. */
  outageMs: number;
}

/** For one call: a function from each failure to the milliseconds until the next try, or null when there is none. */
export function createCallRetries({ idempotent, maxRetries, outageMs }: CallRetryRules, { now, random }: Runtime) {
  const outageEndsAt = maxRetries === 0 ? 0 : now() + outageMs;
  let sawOutage = false;
  let attempt = -1;
  return (error: VisgateError): number | null => {
    attempt += 1;
    sawOutage ||= isOutage(error);
    const isInOutage = sawOutage && error.statusCode !== 429 && now() < outageEndsAt;
    if (!isRetryable(error, idempotent) || !(attempt < maxRetries || isInOutage)) return null;
    return backoffMs(error, { attempt, random });
  };
}

export interface WaitRetries {
  /** The gateway answered: a later failure starts a new series. */
  reset(): void;
  /** Sleeps until the next try. @throws `error` when no try can help, or this series of failures has lasted too long */
  sleepAfter(error: VisgateError, signal: AbortSignal): Promise<void>;
}

/**
 * For a wait, whose polls and streams may fail while the gateway restarts.
 * @param maxFailingMs how long every try in a row may fail before the wait ends
 */
export function createWaitRetries({ now, random, sleep }: Runtime, maxFailingMs: number): WaitRetries {
  let failingSince: number | null = null;
  let attempt = 0;
  return {
    reset() {
      failingSince = null;
      attempt = 0;
    },
    async sleepAfter(error, signal) {
      const delayMs = backoffMs(error, { attempt, random });
      failingSince ??= now();
      // A call that fails because `getToken` failed is not retried, but a wait asks `getToken` again.
      const mayPass = isRetryable(error) || (error.retryable && error.statusCode === null);
      if (!mayPass || delayMs === null || now() - failingSince >= maxFailingMs) throw error;
      attempt += 1;
      await sleep(delayMs, signal);
    },
  };
}

/** `Date.parse` alone finds a year in nearly any text. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Reads a `Retry-After` header: seconds, or an HTTP date. @returns seconds; null when it is missing or not valid */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const at = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / 1000));
}
