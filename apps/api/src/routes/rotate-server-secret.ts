/** The operator's route that ends a rotation of VISGATE_SECRET. */
import { secretRotation } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { rotateServerSecret } from "../use-cases/rotate-server-secret.js";

export const rotateServerSecretRoute: Route = {
  docs: {
    operationId: "rotateServerSecret",
    summary: "Encrypt what is stored with the first secret",
    description:
      "VISGATE_SECRET may hold several secrets. This encrypts everything that is stored encrypted with the first one. " +
      "It may be called again at any time. When nothing changes any more, the other secrets can be removed.",
    tags: ["Operation"],
    responses: { 200: { description: "What was encrypted again.", content: json(secretRotation) } },
  },
  handler: (deps) => async (c) => answerJson(c, await rotateServerSecret(deps)),
};
