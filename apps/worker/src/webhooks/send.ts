/** Sends one POST, signed as Standard Webhooks says. Only the status of the answer counts, not its body. */
import type { AttemptResult } from "@visgate/shared/delivery";
import { fetchFault, within } from "@visgate/shared/runtime/net";
import { type Span, traceCall } from "@visgate/shared/tracing";
import { parseRetryAfter } from "@visgate/shared/units";
import { Webhook } from "standardwebhooks";
import type { Deps } from "../deps.js";

const TIME_LIMIT_MS = 15_000;
/** An answer body this short and quick is read to its end, so that the connection can be reused. */
const BODY_LIMIT_BYTES = 16 * 1024;
const BODY_LIMIT_MS = 1000;

export interface WebhookMessage {
  /** The `webhook-id`. */
  id: string;
  url: string;
  secrets: string[];
  body: string;
  /** Further headers of an attempt at this time. */
  headersAt?: (at: Date) => Record<string, string>;
}

type SendDeps = Pick<Deps, "guardedFetch" | "clock" | "settings" | "tracing">;
type Answer = Pick<AttemptResult, "httpStatus" | "error" | "retryAfterMs">;
type Answered = Awaited<ReturnType<Deps["guardedFetch"]>>;

export async function sendWebhook(deps: SendDeps, message: WebhookMessage): Promise<AttemptResult> {
  const at = deps.clock.now();
  const began = performance.now();
  const answer = await post(deps, message, at).catch(
    (error): Answer => ({ httpStatus: null, error: fetchFault(error), retryAfterMs: null }),
  );
  return { at, by: deps.settings.actor, ms: Math.round(performance.now() - began), ...answer };
}

async function post(deps: SendDeps, message: WebhookMessage, at: number): Promise<Answer> {
  const { id, url, secrets, body, headersAt } = message;
  const headers = { ...headersAt?.(new Date(at)), ...signedHeaders(secrets, id, new Date(at), body) };
  const response = await within(TIME_LIMIT_MS, [], (signal) =>
    traceCall(deps.tracing, { method: "POST", url }, (span) =>
      deps.guardedFetch(url, {
        ...{ method: "POST", headers: { ...headers, ...contextOf(span) } },
        ...{ body, redirect: "manual", signal },
      }),
    ),
  );
  discard(response).catch(() => {});
  return {
    httpStatus: response.status,
    error: response.ok ? null : `HTTP ${response.status}`,
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), at),
  };
}

const contextOf = ({ traceparent }: Span) => (traceparent === undefined ? {} : { traceparent });

/** A longer or slower body is cut off, and its connection is closed. */
async function discard({ body }: Answered): Promise<void> {
  await within(BODY_LIMIT_MS, [], async (signal) => {
    signal.addEventListener("abort", () => body.destroy(), { once: true });
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > BODY_LIMIT_BYTES) break;
    }
  });
}

function signedHeaders(secrets: string[], id: string, at: Date, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "Visgate-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
}
