import { endOf, type Job, startsAt } from "../core/job.js";
import type { JobEvent, MessageContext, ProviderWebhook } from "../core/webhooks.js";
import { sha256 } from "../media/spec.js";
import { predictionOf } from "./answers.js";
import { unpublishedSecret, type WebhookSecret } from "./signing.js";

/** About a minute. Only the end is tried again. */
const RETRY_SECONDS = [1, 3, 8, 18, 30];
const ID_LENGTH = 27;

/** An event keeps its id in every attempt. */
const messageId = (job: Job, event: string): string => `msg_${sha256(`${job.id} ${event}`).slice(0, ID_LENGTH)}`;

function forgedBody(job: Job, context: MessageContext): Record<string, unknown> {
  const output = `${context.url}/media/replicate/forged/0/output`;
  return { ...predictionOf(job, context), status: "succeeded", error: null, output };
}

/** The requested events that happen before the end or with it. */
function eventsOf(job: Job): JobEvent[] {
  const end = endOf(job);
  const middle = startsAt(job) + job.renderMs / 2;
  const events = [
    { event: "start", at: startsAt(job) },
    { event: "logs", at: middle },
    ...(end?.outcome.kind === "media" ? [{ event: "output", at: end.at }] : []),
  ];
  return events.filter(({ event, at }) => job.webhookEvents?.includes(event) && (!end || at <= end.at));
}

export function replicateWebhook(secret: WebhookSecret): ProviderWebhook {
  const forgedSecret = unpublishedSecret();
  return {
    retrySeconds: RETRY_SECONDS,
    events: eventsOf,
    message(job, context) {
      const body = JSON.stringify(context.forged ? forgedBody(job, context) : predictionOf(job, context));
      const id = messageId(job, context.event);
      const timestamp = String(Math.floor(context.stampedAt / 1000));
      const signature = (context.forged ? forgedSecret : secret).sign(id, timestamp, body);
      return {
        body,
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          "webhook-signature": signature,
        },
      };
    },
  };
}
