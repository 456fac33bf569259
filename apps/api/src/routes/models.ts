/** The catalogue. No API key is needed, and a wrong one is ignored. */
import { createHash } from "node:crypto";
import type { CatalogueModel } from "@visgate/shared/catalogue";
import { modelId, modelsAnswer, modelsQuery, modelView } from "@visgate/shared/contract";
import { z } from "zod";
import { nameOf } from "../dialects/dialect.js";
import { DIALECTS } from "../dialects/index.js";
import { answer, answerJson } from "../http/answer.js";
import { hasVersion } from "../http/etag.js";
import { answerPacked, type Packed, pack } from "../http/packed.js";
import { readQuery } from "../http/query.js";
import { type Answer, type Ctx, json, type Route } from "../http/route.js";
import { headers } from "../openapi/headers.js";
import { findModelView, listModels } from "../use-cases/list-models.js";

const querySchema = modelsQuery.extend({
  dialect: z
    .enum(DIALECTS.map(({ name }) => name))
    .optional()
    .describe("Adds what this dialect of the API (docs/dialects.md) calls each model."),
});

/** Only the counts of runs change between two answers. */
const REMEMBERED_MS = 2000;
const MAX_REMEMBERED = 100;
const ETAG_LENGTH = 22;

interface Remembered {
  body: Packed;
  etag: string;
  until: number;
}

export const listModelsRoute: Route = {
  docs: {
    operationId: "listModels",
    summary: "List models",
    description: "The catalogue: what each model takes, makes and costs. No key is needed, and a wrong one is ignored.",
    tags: ["Models"],
    request: { query: querySchema },
    responses: {
      200: { description: "Models that match.", headers: headers("ETag"), content: json(modelsAnswer) },
      304: { description: "The list has not changed since the answer with this ETag.", headers: headers("ETag") },
    },
  },
  handler: (deps) => {
    const remembered = new Map<string, Remembered>();
    return async (c) => {
      const { url } = c.req;
      const known = remembered.get(url);
      const now = deps.clock.now();
      if (known !== undefined && known.until > now) return answerList(c, known);
      const query = readQuery(c, querySchema);
      const listed = await listModels(deps, query, dialectNames(query.dialect));
      const bytes = Buffer.from(JSON.stringify(listed));
      const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, ETAG_LENGTH)}"`;
      const body = known?.etag === etag ? known.body : pack(bytes);
      const list = { body, etag, until: now + REMEMBERED_MS };
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(url, list);
      return answerList(c, list);
    };
  },
};

/**
 * The list is long, and programs that ask for it again and again mostly have it already. The version is weak (`W/`),
 * because it is the same for the compressed list.
 */
function answerList(c: Ctx, { body, etag }: Remembered): Answer | Promise<Answer> {
  const headers = { ETag: `W/${etag}` };
  if (hasVersion(c, etag)) return answer(c, null, 304, headers);
  return answerPacked(c, body, { ...headers, "Content-Type": "application/json" });
}

function dialectNames(name: string | undefined): ((model: CatalogueModel) => string) | null {
  const dialect = DIALECTS.find((one) => one.name === name);
  return dialect === undefined ? null : (model) => nameOf(dialect, model);
}

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
