/** The catalogue. No API key is needed, and a wrong one is ignored. */
import { modelsAnswer, modelsQuery, modelView } from "@visgate/shared/contract";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { findModelView, listModels } from "../use-cases/list-models.js";

export const listModelsRoute: Route = {
  docs: {
    summary: "List models",
    tags: ["Models"],
    request: { query: modelsQuery },
    responses: { 200: { description: "Models that match.", content: json(modelsAnswer) } },
  },
  handler: (deps) => async (c) => answerJson(c, await listModels(deps, validate(modelsQuery, c.req.query()))),
};

export const getModelRoute: Route = {
  docs: {
    summary: "One model",
    tags: ["Models"],
    request: { params: z.object({ id: z.string().describe("With its slashes, e.g. fal-ai/veo3.") }) },
    responses: { 200: { description: "The model.", content: json(modelView) } },
  },
  handler: (deps) => async (c) => answerJson(c, await findModelView(deps, c.req.param("id") ?? "")),
};
