/** Follow one request, then all requests. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client();
const { requestId } = await client.videos.generate("fal-ai/veo3.1/fast", "rain on a window", { preferAsync: true });

for await (const { status, progress } of client.requests.events(requestId)) {
  console.log(status, progress); // reconnects by itself: each change arrives once, in order
}

for await (const event of client.events.follow({ types: ["request.completed"] })) {
  console.log(event.sequence, event.requestId, event.data?.outputUrl);
  if (event.requestId === requestId) break; // store event.sequence to continue after it later
}
