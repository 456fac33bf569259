/** From what was sent and answered to the port's results; the same for every provider. */
import type { Failure } from "@visgate/shared/errors";
import { z } from "zod";
import type { AccountResult, Balance, PollResult, SubmitResult, UploadResult } from "../port.js";
import { notReached, rejection, retryAfterMs } from "./http-failures.js";
import { type Answer, isOk, okAnswer, type Sent } from "./one-shot.js";

/** Media that can be fetched. */
export const mediaUrl = z.url({ protocol: /^https?$/ });

export interface SubmitReading {
  provider: string;
  /** The field of an accepted submit's body that holds the job's id. */
  idField: string;
  now: number;
  /** A provider's own reading of a 4xx. */
  refused?: (answer: Answer) => Failure;
}

/** The one place that decides whether a submit may be sent again: only after proof that it was not taken. */
export function submitResult(sent: Sent, reading: SubmitReading): SubmitResult {
  const { provider, idField, now, refused = ({ status }) => rejection(provider, status) } = reading;
  if (sent.kind === "not_sent") return { kind: "rejected", failure: notReached(provider), retryAfterMs: null };
  if (sent.kind === "no_answer") return { kind: "unknown", cause: sent.cause };
  const { answer } = sent;
  if (isOk(answer)) {
    const id = textAt(answer.body, idField);
    return id === null ? { kind: "unknown", cause: "accepted without an id" } : { kind: "accepted", id };
  }
  if (answer.status >= 500 || answer.status === 408) return { kind: "unknown", cause: `HTTP ${answer.status}` };
  return { kind: "rejected", failure: refused(answer), retryAfterMs: retryAfterMs(answer, now) };
}

function textAt(body: unknown, field: string): string | null {
  const value = (body as Record<string, unknown> | null)?.[field];
  return typeof value === "string" && value !== "" ? value : null;
}

/** Also for an answer of 2xx that makes no sense. */
export function unavailable(sent: Sent, now: number): Extract<PollResult, { kind: "unavailable" }> {
  if (sent.kind !== "answered") return { kind: "unavailable", cause: sent.cause, retryAfterMs: null };
  const { answer } = sent;
  const cause = isOk(answer) ? "an answer that makes no sense" : `HTTP ${answer.status}`;
  return { kind: "unavailable", cause, retryAfterMs: retryAfterMs(answer, now) };
}

const REFUSALS: readonly number[] = [400, 401, 402, 403, 404, 413, 415, 422];

/** `url`: what the SDK made of it. */
export function uploadResult(provider: string, sent: Sent, url: string | null | undefined, now: number): UploadResult {
  if (okAnswer(sent) !== null && typeof url === "string" && url !== "") return { kind: "uploaded", url };
  if (sent.kind === "answered" && REFUSALS.includes(sent.answer.status)) {
    return { kind: "rejected", failure: rejection(provider, sent.answer.status) };
  }
  return unavailable(sent, now);
}

/** `balanceOf`: from the body of a 2xx; undefined when that makes no sense. */
export function accountResult(sent: Sent, balanceOf: (body: unknown) => Balance | null | undefined): AccountResult {
  if (sent.kind !== "answered") return { kind: "unavailable", cause: sent.cause };
  if (sent.answer.status === 401) return { kind: "refused" };
  if (!isOk(sent.answer)) return { kind: "unavailable", cause: `HTTP ${sent.answer.status}` };
  const balance = balanceOf(sent.answer.body);
  return balance === undefined ? { kind: "unavailable", cause: "no balance" } : { kind: "valid", balance };
}

/** Why a provider could not be asked to cancel. */
export function notCancelled(provider: string, sent: Sent): Error {
  const cause = sent.kind === "answered" ? `HTTP ${sent.answer.status}` : sent.cause;
  return new Error(`${provider} could not be asked to cancel: ${cause}`);
}

/** It rendered, and its own filter holds back every output. */
export function filteredOutput(provider: string, charged: boolean | null): Failure {
  const message = `${provider} filtered the output of this request by its content policy.`;
  return { code: "CONTENT_POLICY_VIOLATION", message, retryable: false, charged };
}

/** It says that it succeeded, and there is nothing to hand out. */
export function withoutOutput(provider: string, charged: boolean | null): Failure {
  const message = `${provider} reported success without an output.`;
  return { code: "PROVIDER_ERROR", message, retryable: true, charged };
}
