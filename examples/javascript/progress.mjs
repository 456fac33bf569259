/** Watch a generation, and cancel it after a time limit. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client();

const result = await client.videos.generate("fal-ai/veo3.1/fast", "a city waking up", {
  onProgress: ({ status, progress, queuePosition }) => console.log(status, progress, queuePosition),
  signal: AbortSignal.timeout(10 * 60_000),
  cancelOnAbort: true, // also cancels at the gateway; without it the generation continues there
});
console.log(result.videoUrl);
