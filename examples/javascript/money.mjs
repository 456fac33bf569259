/** Ask what a video will cost, generate it, and read its receipt and the usage of the month. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client();

const quote = await client.quotes.create("fal-ai/veo3.1/fast", "a storm over a lake", { durationSeconds: 4 });
console.log(quote.costUsd, quote.wouldBeAccepted);

const result = await client.videos.generate("fal-ai/veo3.1/fast", "a storm over a lake", { durationSeconds: 4 });
console.log(result.videoUrl);

const receipt = await client.requests.receipt(result.id);
console.log(receipt.chargeState, receipt.settlement?.costUsd);

const usage = await client.usage.get({ period: "month" });
console.log(usage.totalRequests, usage.totalBilledCost);
