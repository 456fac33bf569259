/** One attempt of one delivery: signed by Standard Webhooks, the same id on every attempt. */
import type { WebhookEvent } from "@visgate/shared/contract/webhook";
import { jitter } from "@visgate/shared/domain/backoff";
import { type AttemptResult, afterAttempt, type Delivery } from "@visgate/shared/domain/delivery";
import type { RequestRecord, RequestRef } from "@visgate/shared/domain/request";
import { parseRetryAfter } from "@visgate/shared/domain/retry-after";
import { fetchFault } from "@visgate/shared/net/guard";
import { isoTime, requestView } from "@visgate/shared/view";
import { Webhook } from "standardwebhooks";
import type { Deps } from "./deps.js";
import { advance, finish, type Outcome, sleep } from "./outcome.js";

const TIME_LIMIT_MS = 15_000;

type Sender = Pick<Deps, "guardedFetch" | "clock" | "secrets" | "fileUrls" | "settings">;

export async function deliver(deps: Deps, ref: RequestRef): Promise<Outcome> {
  const stored = await deps.store.deliveries.get(ref);
  if (stored === null || stored.doc.state !== "pending") return finish;
  const request = await deps.store.requests.get({ organization: ref.organization, id: stored.doc.requestId });
  if (request === null) return finish;

  const result = await attempt(deps, stored.doc, request.doc);
  const { delivery, retryInMs } = afterAttempt(stored.doc, result, deps.settings.webhookRetrySeconds);
  const delayMs = retryInMs === null ? null : jitterAfter(retryInMs, result.retryAfterMs ?? 0, deps.random());
  const saved = await deps.store.deliveries.save(stored.rev, delivery, delayMs);
  record(deps, delivery, result);
  if (!saved) return advance;
  return delayMs === null ? finish : sleep(delayMs);
}

/** Jitter may shorten our own wait, never the one the receiver asked for. */
function jitterAfter(retryInMs: number, askedMs: number, random: number): number {
  return Math.max(jitter(retryInMs, random), Math.min(askedMs, retryInMs));
}

async function attempt(deps: Sender, delivery: Delivery, request: RequestRecord): Promise<AttemptResult> {
  const at = deps.clock.now();
  const began = performance.now();
  const ended = (result: Pick<AttemptResult, "httpStatus" | "error" | "retryAfterMs">): AttemptResult => {
    return { at, by: deps.settings.actor, ms: Math.round(performance.now() - began), ...result };
  };
  try {
    const body = eventBody(deps, delivery, request);
    const headers = signedHeaders(deps.secrets.webhookSecret(delivery.organization), delivery.eventId, new Date(at), body);
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await deps.guardedFetch(request.webhookUrl ?? "", {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal,
    });
    await response.body?.cancel().catch(() => {});
    const error = response.ok ? null : `HTTP ${response.status}`;
    return ended({
      httpStatus: response.status,
      error,
      retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), at),
    });
  } catch (error) {
    return ended({ httpStatus: null, error: fetchFault(error), retryAfterMs: null });
  }
}

/** The same bytes on every attempt: nothing in it depends on when it is sent. */
function eventBody(deps: Sender, delivery: Delivery, request: RequestRecord): string {
  const event: WebhookEvent = {
    type: delivery.type,
    timestamp: isoTime(delivery.createdAt),
    sequence: delivery.sequence,
    data: requestView(request, deps.fileUrls),
  };
  return JSON.stringify(event);
}

function signedHeaders(secret: string, id: string, at: Date, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "Visgate-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}

function record(deps: Deps, delivery: Delivery, result: AttemptResult): void {
  deps.metrics.countDelivery(delivery.state);
  const { id, organization, requestId, state, attempts } = delivery;
  const { httpStatus, error, ms } = result;
  deps.log.info(
    { deliveryId: id, organization, requestId, state, attempt: attempts.length, httpStatus, error, ms },
    "delivery",
  );
}
