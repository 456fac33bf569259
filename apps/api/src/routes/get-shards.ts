/** The operator's view of the shards of queues. */
import { shardsReport } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { readShards } from "../use-cases/read-shards.js";

export const getShards: Route = {
  docs: {
    operationId: "getShards",
    summary: "The shards of queues",
    description:
      "Over how many shards the jobs of each queue are spread (QUEUE_SHARDS), and what each of them holds. After the " +
      "number has changed, the old shards are read until they are empty. 503 while Redis is unavailable.",
    tags: ["Operation"],
    responses: { 200: { description: "Every shard that is read.", content: json(shardsReport) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readShards(deps)),
};
