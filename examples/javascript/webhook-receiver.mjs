/** A receiver that registers itself, verifies each event, and ends after the first one. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Client, verifyWebhook, WebhookVerificationError } from "@visgate_ai/client";

const client = new Client();
let secret = "";
let onFirst;
const first = new Promise((resolve) => (onFirst = resolve));

const server = createServer(async (request, response) => {
  try {
    const event = await verifyWebhook(await text(request), request.headers, secret);
    response.writeHead(204).end(); // answer any 2xx within 15 s, before the work
    console.log(event.type, event.data.requestId, event.data.outputUrl);
    onFirst();
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.writeHead(401).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

// Your own gateway sends to addresses on this machine only with ALLOW_PRIVATE_URLS=true.
const url = `http://127.0.0.1:${server.address().port}/hook`;
const endpoint = await client.webhookEndpoints.create({ url, events: ["request.completed"] });
secret = endpoint.secret; // shown only once: store it

await client.videos.generate("fal-ai/veo3", "a webhook in the wind", { preferAsync: true });
await first;
await client.webhookEndpoints.delete(endpoint.id);
server.close();
