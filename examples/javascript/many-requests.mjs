/** Makes a call again, and acts on all requests that a filter matches, after counting them. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client();

const first = await client.videos.generate("fal-ai/veo3.1/fast", "a lighthouse at dusk", {
  metadata: { example: "many-requests" },
});
const again = await client.requests.again(first.id);
const second = await again.wait();
console.log(second.outputUrl, second.requestId);

const filter = { status: "completed", text: "lighthouse at dusk" };
for await (const { requestId, input } of await client.requests.list(filter)) console.log(requestId, input?.prompt);

const ended = { status: ["completed", "failed"], createdBefore: first.createdAt, text: "lighthouse at dusk" };
const { matched } = await client.requests.bulk({ action: "delete", filter: ended, dryRun: true });
const { done, failed } = await client.requests.bulk({ action: "delete", filter: ended, expectedCount: matched });
console.log(matched, done, failed);
