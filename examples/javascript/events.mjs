/** Follow one request, then all of them. */
import { Client } from "@visgate_ai/client";

const client = new Client();
const { requestId } = await client.videos.generate("fal-ai/veo3", "rain on a window", { preferAsync: true });

for await (const { status, progress } of client.requests.events(requestId)) {
  console.log(status, progress); // cut connections are mended: each change once, in order
}

for await (const event of client.events.follow({ types: ["request.completed"] })) {
  console.log(event.sequence, event.requestId, event.data?.outputUrl);
  if (event.requestId === requestId) break; // keep event.sequence, and go on after it another time
}
