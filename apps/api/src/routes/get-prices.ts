/** The operator's comparison of the catalogue's prices with the providers'. */
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { pricesReport } from "../openapi/schemas.js";
import { readPrices } from "../use-cases/read-prices.js";

export const getPrices: Route = {
  docs: {
    operationId: "getPrices",
    summary: "Compare the catalogue's prices",
    description:
      "Compares the prices of the catalogue with those of each provider's API, where it has one and the server has a " +
      "key for it, and otherwise with the figures that this version was published with. Nothing is billed or changed.",
    tags: ["Operation"],
    responses: { 200: { description: "Every price of the catalogue.", content: json(pricesReport) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readPrices(deps)),
};
