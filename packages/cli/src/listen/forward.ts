/** Sends one event to the receiver as the gateway sends its webhooks: the same body, signed in the same way. */
import type { FeedEvent } from "@visgate_ai/client";
import { Webhook } from "standardwebhooks";
import { UsageError } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import { type Message, post } from "./post.js";

/** The gateway waits as long for an answer. */
const TIMEOUT_MS = 15_000;
const SECRET_PREFIX = "whsec_";
/** The limits of the Standard Webhooks specification. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
/** Their base64 ends without `=`, which is easily lost when a secret is copied. Some libraries then refuse it. */
const NEW_SECRET_BYTES = 24;

/** `given`: the value of --secret; without it a new secret is created. @throws UsageError it is not valid */
export function readSecret(given: string | undefined, randomBytes: (count: number) => Buffer): string {
  if (given === undefined) return SECRET_PREFIX + randomBytes(NEW_SECRET_BYTES).toString("base64");
  const base64 = given.startsWith(SECRET_PREFIX) ? given.slice(SECRET_PREFIX.length) : "";
  const bytes = Buffer.from(base64, "base64");
  // Node skips characters that are not base64, so only encoding the bytes again reveals them.
  const isBase64 = bytes.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "");
  if (isBase64 && bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES) return given;
  throw new UsageError(
    `--secret takes ${SECRET_PREFIX} followed by ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64.`,
  );
}

export interface Attempt {
  /** Null when there was no answer. */
  httpStatus: number | null;
  /** Why there was no answer. */
  error: string | null;
  ms: number;
}

export type Forward = (event: FeedEvent, signal: AbortSignal) => Promise<Attempt>;

export interface ForwardOptions {
  url: string;
  secret: string;
  /** Milliseconds since 1970. */
  now: () => number;
}

export function createForward({ url, secret, now }: ForwardOptions): Forward {
  const webhook = new Webhook(secret);
  return async (event, signal) => {
    const at = now();
    const body = eventBody(event);
    const headers = signedHeaders(webhook, webhookId(event), new Date(at), body);
    const answer = await attempt(url, { headers, body, signal });
    return { ...answer, ms: now() - at };
  };
}

/** The same for every attempt and after a restart, so that the receiver can recognize an event that it already has. */
export function webhookId({ requestId, sequence }: FeedEvent): string {
  return `msg_${requestId ?? "budget"}_${sequence}`;
}

function eventBody({ type, timestamp, sequence, data }: FeedEvent): string {
  return JSON.stringify({ type, timestamp, sequence, data: toApiNames(data) });
}

function signedHeaders(webhook: Webhook, id: string, at: Date, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "Visgate-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": webhook.sign(id, at, body),
  };
}

async function attempt(url: string, message: Omit<Message, "url">): Promise<Omit<Attempt, "ms">> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, TIMEOUT_MS);
  message.signal.addEventListener("abort", abort);
  try {
    return { httpStatus: await post({ ...message, url, signal: controller.signal }), error: null };
  } catch (error) {
    const { code, message: why } = error as { code?: string; message: string };
    return { httpStatus: null, error: controller.signal.aborted ? "timed out" : (code ?? why) };
  } finally {
    clearTimeout(timer);
    message.signal.removeEventListener("abort", abort);
  }
}
