/** `client.models`: the catalogue. Needs no key. */
import type { Http } from "../http.js";
import type { Loose } from "../loose.js";
import { modelPath } from "../paths.js";
import type { Model, ModelList, ModelQuery } from "../types.generated.js";

export interface Models {
  list(query?: Loose<Omit<ModelQuery, "featured"> & { featured: boolean }>): Promise<ModelList>;
  /** @throws VisgateError `MODEL_NOT_FOUND` */
  get(modelId: string): Promise<Model>;
}

export function createModels(http: Http): Models {
  return {
    list: (query = {}) => http.json({ path: "/models", query, shape: { models: "array" } }),
    get: async (modelId) => http.json({ path: modelPath(modelId), shape: { id: "string" } }),
  };
}
