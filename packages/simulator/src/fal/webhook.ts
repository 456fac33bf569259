import { createHash } from "node:crypto";
import { type Job, jobState } from "../core/job.js";
import type { WebhookMessage } from "../core/webhooks.js";
import { resultOf } from "./answers.js";
import type { SigningKey } from "./signing.js";

const USER_ID = "simulator";

function payload(job: Job, now: number, base: string): Record<string, unknown> {
  const ids = { request_id: job.id, gateway_request_id: job.id };
  const state = jobState(job, now);
  if (state.phase !== "done") throw new Error(`webhook of unfinished job ${job.id}`);
  const { status, body } = resultOf(job, state.outcome, base);
  if (status < 300) return { ...ids, status: "OK", payload: body };
  return { ...ids, status: "ERROR", error: `Invalid status code: ${status}`, payload: body };
}

/** The signed message about an ended job. */
export function falWebhook(job: Job, key: SigningKey, now: number, base: string): WebhookMessage {
  const body = JSON.stringify(payload(job, now, base));
  const timestamp = String(Math.floor(now / 1000));
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
