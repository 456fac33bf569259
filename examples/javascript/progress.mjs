/** Watch a generation, and cancel it when nobody wants it any more. */
import { Client } from "@visgate_ai/client";

const client = new Client();

const result = await client.videos.generate("fal-ai/veo3", "a city waking up", {
  onProgress: ({ status, progress, queuePosition }) => console.log(status, progress, queuePosition),
  signal: AbortSignal.timeout(10 * 60_000),
  cancelOnAbort: true, // tells the gateway, too; without it the generation goes on
});
console.log(result.videoUrl);
