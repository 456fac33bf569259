/** `client.models`: the catalogue. It needs no key. */
import type { Http } from "../http.js";
import { modelPath } from "../paths.js";
import type { Model, ModelList, ModelQuery } from "../types.generated.js";
import type { OptionalFields } from "../wire-format.js";

export interface Models {
  list(query?: OptionalFields<Omit<ModelQuery, "featured"> & { featured: boolean }>): Promise<ModelList>;
  /** @throws VisgateError `MODEL_NOT_FOUND` */
  get(modelId: string): Promise<Model>;
}

export function createModels(http: Http): Models {
  return {
    list: (query = {}) => http.json({ path: "/models", query, expected: { models: "array" } }),
    get: async (modelId) => http.json({ path: modelPath(modelId), expected: { id: "string" } }),
  };
}
