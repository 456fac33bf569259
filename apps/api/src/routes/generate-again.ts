/** Makes the call of a request again, as a new request. */
import { generatedAgain } from "@visgate/shared/contract";
import { readCallerKeys } from "../http/caller-keys.js";
import type { Route } from "../http/route.js";
import { requestParams } from "../openapi/params.js";
import { generateAgain } from "../use-cases/generate-again.js";
import { imageResultOf } from "./generate-images.js";
import { videoResultOf } from "./generate-video.js";
import { answerSubmitted, GENERATION_ERRORS, generationHeaders, generationResponses, readCall } from "./generation.js";

export const generateAgainRoute: Route = {
  docs: {
    operationId: "generateAgain",
    summary: "Generate again",
    description:
      "The same call as a new request: model, prompt, inputs, params, fallback, metadata, callback_id and webhook_url. It " +
      "is a new generation, also when the cache has an equal one, and is checked against the catalogue, the limits and " +
      "the budgets of today. It uses the provider key of this call, else the organization's stored key, else the " +
      "server's; a request of a caller's own key needs that key again. Answers like a generation. Without an Idempotency-Key, a repeat of this call while its request is in flight is the same request.",
    tags: ["Requests"],
    request: { params: requestParams, headers: generationHeaders },
    errors: [...GENERATION_ERRORS, "REQUEST_NOT_FOUND"],
    responses: generationResponses("The output is ready.", generatedAgain),
  },
  handler: (deps) => async (c) => {
    const { key, prefer } = readCall(deps, c);
    const submitted = await generateAgain(deps, {
      apiKey: c.get("apiKey"),
      organization: c.get("organization"),
      id: c.req.param("id") ?? "",
      callerKeys: readCallerKeys(c),
      idempotencyKey: key,
      onRates: (rates) => c.set("rates", rates),
    });
    return answerSubmitted(deps, c, { submitted, prefer }, (record) =>
      record.mediaType === "video" ? videoResultOf(deps, record) : imageResultOf(deps, record, false),
    );
  },
};
