/** Poll by hand, with the id of the request alone. */
import "./support/one-line-errors.mjs";
import { setTimeout } from "node:timers/promises";
import { Client } from "@visgate_ai/client";

const client = new Client();
const { requestId } = await client.videos.generate("fal-ai/veo3.1/fast", "a bird flying over hills", {
  preferAsync: true,
});

let request = await client.requests.get(requestId);
while (request.status === "pending" || request.status === "processing") {
  await setTimeout(2000);
  request = await client.requests.get(requestId);
}
console.log(request.status, request.outputUrl ?? request.errorMessage);
