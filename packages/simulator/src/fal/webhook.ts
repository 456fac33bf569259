import { createHash } from "node:crypto";
import { type Job, jobState } from "../core/job.js";
import type { WebhookMessage } from "../core/post.js";
import type { MessageContext, ProviderWebhook } from "../core/webhooks.js";
import { resultOf } from "./answers.js";
import { findModel } from "./models.js";
import { type SigningKey, unpublishedKey } from "./signing.js";

const USER_ID = "simulator";
/** Ten attempts over about two hours. */
const RETRY_SECONDS = [1, 5, 15, 60, 180, 420, 900, 1800, 3600];

const idsOf = ({ id }: Job) => ({ request_id: id, gateway_request_id: id });

function resultBody(job: Job, context: MessageContext): Record<string, unknown> {
  const state = jobState(job, context.now);
  if (state.phase !== "done") throw new Error(`webhook of unfinished job ${job.id}`);
  const { status, body } = resultOf(job, state, context);
  if (status < 300) return { ...idsOf(job), status: "OK", payload: body };
  return { ...idsOf(job), status: "ERROR", error: `Invalid status code: ${status}`, payload: body };
}

function forgedBody(job: Job, { url }: MessageContext): Record<string, unknown> {
  const file = { url: `${url}/media/fal/forged/0/output` };
  const payload = findModel(job.endpoint)?.output === "video" ? { video: file } : { images: [file] };
  return { ...idsOf(job), status: "OK", payload };
}

function signed(job: Job, body: string, key: SigningKey, at: number): WebhookMessage {
  const timestamp = String(Math.floor(at / 1000));
  const digest = createHash("sha256").update(body).digest("hex");
  return {
    body,
    headers: {
      "content-type": "application/json",
      "x-fal-webhook-request-id": job.id,
      "x-fal-webhook-user-id": USER_ID,
      "x-fal-webhook-timestamp": timestamp,
      "x-fal-webhook-signature": key.sign([job.id, USER_ID, timestamp, digest].join("\n")),
    },
  };
}

export function falWebhook(key: SigningKey): ProviderWebhook {
  const forgedKey = unpublishedKey();
  return {
    retrySeconds: RETRY_SECONDS,
    message(job, context) {
      const body = context.forged ? forgedBody(job, context) : resultBody(job, context);
      return signed(job, JSON.stringify(body), context.forged ? forgedKey : key, context.stampedAt);
    },
  };
}
