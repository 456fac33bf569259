/** What a call can be refused for because of the model that it names. */
import { providerOf } from "@visgate/providers";
import type { CatalogueModel } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import type { ApiKey } from "@visgate/shared/organization";
import type { MediaType } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { modelNotFound } from "./model-not-found.js";

export function findModel(deps: Deps, id: string, mediaType: MediaType): CatalogueModel {
  const model = deps.catalogue.get(id);
  if (model?.mediaType === mediaType) return model;
  const allowed = [...deps.catalogue.values()].filter((one) => one.mediaType === mediaType).map((one) => one.id);
  if (model === undefined) throw modelNotFound(id, [...allowed, ...deps.catalogue.routes.keys()], { field: "model" });
  throw invalid("model", `model: ${model.id} makes ${model.mediaType}s, not ${mediaType}s.`, allowed);
}

export function requireModel({ models }: ApiKey, { id }: CatalogueModel): void {
  if (models === null || models.includes(id)) return;
  throw new VisgateError("FORBIDDEN", `This API key may not use ${id}.`, { field: "model", allowed: models });
}

/** Some providers hand out outputs only to the key that made them. Callers could not fetch those by themselves. */
export function checkOutputsArePublic(provider: string, copyOutputs: boolean): void {
  if (!providerOf(provider).manifest.outputsNeedKey) return;
  if (copyOutputs) throw invalid("skip_gcs_upload", `skip_gcs_upload must be false for ${provider}.`, [false]);
  const message = `${provider} can only be used by a server that keeps outputs: its operator can set OUTPUT_STORE.`;
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
}
