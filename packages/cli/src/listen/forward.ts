/** One event, POSTed as the gateway POSTs it. */
import type { FeedEvent } from "@visgate_ai/client";
import { Webhook } from "standardwebhooks";
import { toApi } from "../screen/wire.js";

/** As long as the gateway waits. */
const TIME_LIMIT_MS = 15_000;

export interface Attempt {
  /** Null when there was no answer. */
  httpStatus: number | null;
  /** Why there was none. */
  error: string | null;
  ms: number;
}

export type Forward = (event: FeedEvent, signal: AbortSignal) => Promise<Attempt>;

export interface ForwardOptions {
  url: string;
  secret: string;
  fetch: typeof fetch;
  /** Milliseconds since 1970. */
  now: () => number;
}

export function createForward({ url, secret, fetch, now }: ForwardOptions): Forward {
  const webhook = new Webhook(secret);
  return async (event, signal) => {
    const at = now();
    const body = eventBody(event);
    const headers = signedHeaders(webhook, webhookId(event), new Date(at), body);
    const answer = await post(fetch, url, { headers, body, signal });
    return { ...answer, ms: now() - at };
  };
}

/** The same for every attempt, today or after a restart. */
export function webhookId({ requestId, sequence }: FeedEvent): string {
  return `msg_${requestId}_${sequence}`;
}

/** What the gateway sends: the feed's event, in other words. */
export function eventBody({ type, timestamp, sequence, data }: FeedEvent): string {
  return JSON.stringify({ type, timestamp, sequence, data: toApi(data) });
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

type Posting = { headers: Record<string, string>; body: string; signal: AbortSignal };

async function post(
  fetch: ForwardOptions["fetch"],
  url: string,
  { signal, ...rest }: Posting,
): Promise<Omit<Attempt, "ms">> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TIME_LIMIT_MS);
  const stop = () => limit.abort();
  signal.addEventListener("abort", stop);
  try {
    const response = await fetch(url, { method: "POST", ...rest, redirect: "manual", signal: limit.signal });
    await response.body?.cancel();
    return { httpStatus: response.status, error: null };
  } catch (error) {
    const { cause, message } = error as { cause?: { code?: string }; message: string };
    return { httpStatus: null, error: limit.signal.aborted ? "timed out" : (cause?.code ?? message) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
