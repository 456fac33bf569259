import { endOf, type Job, startsAt } from "../core/job.js";
import type { Note, ProviderWebhook, Telling } from "../core/webhooks.js";
import { sha256 } from "../media/spec.js";
import { predictionOf } from "./answers.js";
import { strangersSecret, type WebhookSecret } from "./signing.js";

/** About a minute; only the end is tried again. */
const RETRY_SECONDS = [1, 3, 8, 18, 30];
const ID_LENGTH = 27;

/** One event keeps its id however often it is sent. */
const messageId = (job: Job, event: string): string => `msg_${sha256(`${job.id} ${event}`).slice(0, ID_LENGTH)}`;

function lie(job: Job, telling: Telling): Record<string, unknown> {
  const output = `${telling.url}/media/replicate/forged/0/output`;
  return { ...predictionOf(job, telling), status: "succeeded", error: null, output };
}

/** Those of the events asked for that lie before the end, or at it. */
function notesOf(job: Job): Note[] {
  const end = endOf(job);
  const middle = startsAt(job) + job.renderMs / 2;
  const notes = [
    { event: "start", at: startsAt(job) },
    { event: "logs", at: middle },
    ...(end?.outcome.kind === "media" ? [{ event: "output", at: end.at }] : []),
  ];
  return notes.filter(({ event, at }) => job.webhookEvents?.includes(event) && (!end || at <= end.at));
}

export function replicateWebhook(secret: WebhookSecret): ProviderWebhook {
  const forgersSecret = strangersSecret();
  return {
    retrySeconds: RETRY_SECONDS,
    notes: notesOf,
    message(job, telling) {
      const body = JSON.stringify(telling.forged ? lie(job, telling) : predictionOf(job, telling));
      const id = messageId(job, telling.event);
      const timestamp = String(Math.floor(telling.stampedAt / 1000));
      const signature = (telling.forged ? forgersSecret : secret).sign(id, timestamp, body);
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
