/** A receiver that registers itself, verifies what comes, and ends after the first event. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Client, verifyWebhook, WebhookVerificationError } from "@visgate_ai/client";

const client = new Client();
let secret = "";
let told;
const first = new Promise((resolve) => (told = resolve));

const server = createServer(async (request, response) => {
  try {
    const event = await verifyWebhook(await text(request), request.headers, secret);
    response.writeHead(204).end(); // first the answer, then the work: any 2xx within 15 s
    console.log(event.type, event.data.requestId, event.data.outputUrl);
    told();
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.writeHead(401).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

// A gateway of your own may be told of addresses on this machine: ALLOW_PRIVATE_URLS=true.
const url = `http://127.0.0.1:${server.address().port}/hook`;
const endpoint = await client.webhookEndpoints.create({ url, events: ["request.completed"] });
secret = endpoint.secret; // shown once: keep it

await client.videos.generate("fal-ai/veo3", "a webhook in the wind", { preferAsync: true });
await first;
await client.webhookEndpoints.delete(endpoint.id);
server.close();
