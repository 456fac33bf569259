/** A receiver that registers itself, verifies each event, and ends after the first one. */
import "./support/one-line-errors.mjs";
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
// The address on this machine to which `npm start` may send webhooks; it prints another port when this one is in use.
const port = Number(process.env.WEBHOOK_PORT ?? 8788);
await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));

const url = `http://127.0.0.1:${port}/hook`;
const endpoint = await client.webhookEndpoints.create({ url, events: ["request.completed"] });
secret = endpoint.secret; // shown only once: store it

await client.videos.generate("fal-ai/veo3.1/fast", "a webhook in the wind", { preferAsync: true });
await first;
await client.webhookEndpoints.delete(endpoint.id);
server.close();
