/** Catch the errors of a call. */
import "./support/one-line-errors.mjs";
import { Client, ProviderError, RateLimitError, ValidationError, VisgateError } from "@visgate_ai/client";

const client = new Client();
try {
  await client.videos.generate("fal-ai/veo3.1/fast", "a sunset", { durationSeconds: 99 });
} catch (error) {
  if (error instanceof ValidationError)
    console.log(error.field, error.allowed); // duration_seconds [ 4, 6, 8 ]
  else if (error instanceof RateLimitError) console.log("again in", error.retryAfter, "s");
  else if (error instanceof ProviderError) console.log(error.provider, error.message, error.requestId);
  else if (error instanceof VisgateError) console.log(error.errorCode, error.statusCode, error.message);
  else throw error;
}
