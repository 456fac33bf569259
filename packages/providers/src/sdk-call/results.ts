/** Maps what was sent and answered to the results of port.ts, in the same way for every provider. */
import type { Failure } from "@visgate/shared/errors";
import { z } from "zod";
import type { AccountResult, Balance, Bill, PollResult, SubmitResult, UploadResult } from "../port.js";
import { notReached, rejection, retryAfterMs } from "./http-failures.js";
import { type Answer, isOk, okAnswer, type Sent } from "./one-shot.js";

/** The URL of an output that can be downloaded, in the form that was checked. */
export const mediaUrl = z.url({ protocol: /^https?$/, normalize: true });

export interface SubmitReading {
  provider: string;
  /** The field with the job's id in the answer to an accepted submit. */
  idField: string;
  now: number;
  /** What the answer to an accepted submit says it will bill. */
  estimateOf?: (body: unknown) => Bill | null;
  /** The provider's own mapping of a 4xx to a failure. */
  refused?: (answer: Answer) => Failure;
}

/** The only place that decides whether a submit may be sent again: only when it is proven that it was not accepted. */
export function submitResult(sent: Sent, reading: SubmitReading): SubmitResult {
  const { provider, idField, now, estimateOf, refused = ({ status }) => rejection(provider, status) } = reading;
  if (sent.kind === "not_sent") return { kind: "rejected", failure: notReached(provider), retryAfterMs: null };
  if (sent.kind === "no_answer") return { kind: "unknown", cause: sent.cause };
  const { answer } = sent;
  if (isOk(answer)) {
    const id = textAt(answer.body, idField);
    if (id === null) return { kind: "unknown", cause: "accepted without an id" };
    const estimate = estimateOf?.(answer.body) ?? null;
    return { kind: "accepted", id, ...(estimate === null ? {} : { estimate }) };
  }
  if (answer.status >= 500 || answer.status === 408) return { kind: "unknown", cause: `HTTP ${answer.status}` };
  return { kind: "rejected", failure: refused(answer), retryAfterMs: retryAfterMs(answer, now) };
}

function textAt(body: unknown, field: string): string | null {
  const value = (body as Record<string, unknown> | null)?.[field];
  return typeof value === "string" && value !== "" ? value : null;
}

/** For no answer, an error, or a 2xx that cannot be understood. */
export function unavailable(sent: Sent, now: number): Extract<PollResult, { kind: "unavailable" }> {
  if (sent.kind !== "answered") return { kind: "unavailable", cause: sent.cause, retryAfterMs: null };
  const { answer } = sent;
  const cause = isOk(answer) ? "an answer that cannot be understood" : `HTTP ${answer.status}`;
  return { kind: "unavailable", cause, retryAfterMs: retryAfterMs(answer, now) };
}

const REFUSALS: readonly number[] = [400, 401, 402, 403, 404, 413, 415, 422];

/** `url`: the URL that the SDK returned. */
export function uploadResult(provider: string, sent: Sent, url: string | null | undefined, now: number): UploadResult {
  if (okAnswer(sent) !== null && typeof url === "string" && url !== "") return { kind: "uploaded", url };
  if (sent.kind === "answered" && REFUSALS.includes(sent.answer.status)) {
    return { kind: "rejected", failure: rejection(provider, sent.answer.status) };
  }
  return unavailable(sent, now);
}

/** `balanceOf` reads the body of a 2xx; it returns undefined when the body cannot be understood. */
export function accountResult(sent: Sent, balanceOf: (body: unknown) => Balance | null | undefined): AccountResult {
  if (sent.kind !== "answered") return { kind: "unavailable", cause: sent.cause };
  if (sent.answer.status === 401) return { kind: "refused" };
  if (!isOk(sent.answer)) return { kind: "unavailable", cause: `HTTP ${sent.answer.status}` };
  const balance = balanceOf(sent.answer.body);
  return balance === undefined ? { kind: "unavailable", cause: "no balance" } : { kind: "valid", balance };
}

/** The error of a cancel that did not reach the provider or was refused. */
export function notCancelled(provider: string, sent: Sent): Error {
  const cause = sent.kind === "answered" ? `HTTP ${sent.answer.status}` : sent.cause;
  return new Error(`${provider} could not be asked to cancel: ${cause}`);
}

/** The provider rendered, and its own filter withheld every output. */
export function filteredOutput(provider: string, charged: boolean | null): Failure {
  const message = `${provider} filtered the output of this request by its content policy.`;
  return { code: "CONTENT_POLICY_VIOLATION", message, retryable: false, charged };
}

/** The provider reports success, but there is no output. */
export function withoutOutput(provider: string, charged: boolean | null): Failure {
  const message = `${provider} reported success without an output.`;
  return { code: "PROVIDER_ERROR", message, retryable: true, charged };
}
