/** The same call for several providers: only the model changes. */
import { Client, VIDEO_MODEL_PRESETS } from "@visgate_ai/client";

const client = new Client();
const imageUrl = process.env.IMAGE_URL ?? "https://example.com/photo.jpg"; // https, or a data: URI

const results = [
  await client.videos.generate(VIDEO_MODEL_PRESETS.fal, "a sunset"),
  await client.videos.generate("fal-ai/veo3", "a sunset"),
  await client.videos.generate("runway/gen4_turbo", "a sunset", { imageUrl }),
];
for (const result of results) {
  const { outputUrl, status } = await client.requests.get(result.requestId);
  console.log(result.model, result.cost, result.cacheHit, status, outputUrl);
}
