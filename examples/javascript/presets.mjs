/** The same call for several providers: only the model changes. */
import "./support/one-line-errors.mjs";
import { readFile } from "node:fs/promises";
import { Client, VIDEO_MODEL_PRESETS } from "@visgate_ai/client";

const client = new Client();
const photo = await readFile(new URL("../photo.jpg", import.meta.url), "base64");
const imageUrl = `data:image/jpeg;base64,${photo}`; // or a public https URL

const results = [
  await client.videos.generate("fal-ai/veo3.1/fast", "a sunset"),
  await client.videos.generate("replicate/google/veo-3.1-fast", "a sunset"),
  await client.videos.generate(VIDEO_MODEL_PRESETS.runway, "a sunset", { imageUrl }),
];
for (const result of results) {
  const { outputUrl, status } = await client.requests.get(result.requestId);
  console.log(result.model, result.cost, result.cacheHit, status, outputUrl);
}
