/** The document lists the models of this server, so that a reader, a form or a test program finds one that works. */
import { PROVIDERS } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue";
import type { MediaType } from "@visgate/shared/request";
import type { Settings } from "../deps.js";

const BODIES: Record<string, MediaType> = {
  VideoRequest: "video",
  ImageRequest: "image",
  QuickImageRequest: "image",
};

export interface ModelSource {
  catalogue: Catalogue;
  settings: Pick<Settings, "providers">;
}

interface Document {
  components?: { schemas?: Record<string, { properties?: Record<string, object> }> };
}

export function listModelIds<Made extends object>(document: Made, source: ModelSource): Made {
  const schemas = (document as Document).components?.schemas ?? {};
  for (const [name, mediaType] of Object.entries(BODIES)) {
    const properties = schemas[name]?.properties;
    if (properties === undefined) throw new Error(`The OpenAPI document has no schema ${name}.`);
    properties["model"] = { ...properties["model"], ...idsOf(source, mediaType) };
  }
  return document;
}

/** A configured provider without a list of models takes any name. */
function idsOf({ catalogue, settings }: ModelSource, mediaType: MediaType): object {
  const models = [...catalogue.values()].filter((model) => model.mediaType === mediaType);
  const routes = [...catalogue.routes.values()].filter((route) => route.mediaType === mediaType);
  const ids = [...models, ...routes].map(({ id }) => id);
  const example = models.find(({ featured }) => featured)?.id ?? ids[0];
  const open = PROVIDERS.filter(({ openModel, manifest: { name } }) => {
    const isConfigured = (settings.providers.get(name)?.apiKey ?? null) !== null;
    return isConfigured && openModel?.("any").mediaType === mediaType;
  });
  if (open.length === 0) return { enum: ids, example };
  const patterns = open.map(({ manifest: { name, endpoint } }) => `^${name}/${endpoint.replace(/^\^/, "")}`);
  return { anyOf: [{ enum: ids }, ...patterns.map((pattern) => ({ pattern }))], example };
}
