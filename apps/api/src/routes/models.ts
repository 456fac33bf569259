/** The catalogue. No API key is needed, and a wrong one is ignored. */
import { modelId, modelsAnswer, modelsQuery, modelView } from "@visgate/shared/contract";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { readQuery } from "../http/query.js";
import { json, type Route } from "../http/route.js";
import { findModelView, listModels } from "../use-cases/list-models.js";

export const listModelsRoute: Route = {
  docs: {
    operationId: "listModels",
    summary: "List models",
    description: "The catalogue: what each model takes, makes and costs. No key is needed, and a wrong one is ignored.",
    tags: ["Models"],
    request: { query: modelsQuery },
    responses: { 200: { description: "Models that match.", content: json(modelsAnswer) } },
  },
  handler: (deps) => async (c) => answerJson(c, await listModels(deps, readQuery(c, modelsQuery))),
};

export const getModelRoute: Route = {
  docs: {
    operationId: "getModel",
    summary: "One model",
    description: "What one model takes, makes and costs.",
    tags: ["Models"],
    request: { params: z.object({ id: modelId.describe("With its slashes.") }) },
    errors: ["MODEL_NOT_FOUND"],
    responses: { 200: { description: "The model.", content: json(modelView) } },
  },
  handler: (deps) => async (c) => answerJson(c, await findModelView(deps, c.req.param("id") ?? "")),
};
