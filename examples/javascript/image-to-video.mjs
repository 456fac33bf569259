/** Animate an image, given as an https URL or as a file in a data: URI. */
import { readFile } from "node:fs/promises";
import { Client } from "@visgate_ai/client";

const client = new Client();
const [file] = process.argv.slice(2);
const imageUrl = file
  ? `data:image/jpeg;base64,${await readFile(file, "base64")}`
  : (process.env.IMAGE_URL ?? "https://example.com/photo.jpg");

const result = await client.videos.generate("fal-ai/veo3", "gentle camera pan", { imageUrl, durationSeconds: 5 });
console.log(result.videoUrl);
