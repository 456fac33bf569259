/** Give up now, try again later, and pay once. */
import { Client, VisgateError } from "@visgate_ai/client";

const client = new Client();
const idempotencyKey = `order-${Date.now()}`; // one that you keep: your order's id

const attempt = (timeout) => client.videos.generate("fal-ai/veo3", "fog in a valley", { idempotencyKey, timeout });

try {
  await attempt(100); // milliseconds: too few for a video
} catch (error) {
  if (!(error instanceof VisgateError && error.retryable)) throw error;
  console.log(error.errorCode, error.requestId); // CLIENT_TIMEOUT; the request goes on
}
const result = await attempt();
console.log(result.id, result.videoUrl);
