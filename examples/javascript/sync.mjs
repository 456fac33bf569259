/** Generate a video and wait for it. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client(); // VISGATE_API_KEY, VISGATE_BASE_URL

const result = await client.videos.generate("fal-ai/veo3.1/fast", "waves crashing on a beach", { durationSeconds: 5 });
console.log(result.videoUrl, result.cost);
