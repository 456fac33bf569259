/** Submit a request, do something else, and wait for it later. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client();

const request = await client.videos.generate("fal-ai/veo3.1/fast", "a bird flying", { preferAsync: true });
console.log(request.requestId, request.status); // "pending"

const result = await request.wait();
console.log(result.videoUrl);
