/** Animate an image: a file in a data: URI, or a public https URL. */
import "./support/one-line-errors.mjs";
import { readFile } from "node:fs/promises";
import { Client } from "@visgate_ai/client";

const client = new Client();
const [file = new URL("../photo.jpg", import.meta.url)] = process.argv.slice(2);
const imageUrl = process.env.IMAGE_URL ?? `data:image/jpeg;base64,${await readFile(file, "base64")}`;

const result = await client.videos.generate("fal-ai/veo3.1/fast", "gentle camera pan", {
  imageUrl,
  durationSeconds: 5,
});
console.log(result.videoUrl);
