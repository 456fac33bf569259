/** Stop waiting, try again later, and pay once. */
import "./support/one-line-errors.mjs";
import { Client, VisgateError } from "@visgate_ai/client";

const client = new Client();
const idempotencyKey = `order-${Date.now()}`; // use a value that you store, such as the id of your order

const attempt = (timeout) =>
  client.videos.generate("fal-ai/veo3.1/fast", "fog in a valley", { idempotencyKey, timeout });

try {
  await attempt(100); // milliseconds: too short for a video
} catch (error) {
  if (!(error instanceof VisgateError && error.retryable)) throw error;
  console.log(error.errorCode, error.requestId); // CLIENT_TIMEOUT; the request continues
}
const result = await attempt();
console.log(result.id, result.videoUrl);
