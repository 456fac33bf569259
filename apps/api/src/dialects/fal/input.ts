/** What a submit asks for. Its path names a model, or an endpoint of a model, and its body is the input. */
import { pixelsOf } from "@visgate/providers/fal/words";
import { type CatalogueModel, neededRoles, type VariantKind, variantOf } from "@visgate/shared/catalogue";
import { invalid } from "@visgate/shared/errors";
import type { Deps } from "../../deps.js";
import { type Asked, modelOf } from "../dialect.js";
import { readProviderBody } from "../provider-body.js";
import { NAMES } from "./names.js";

/** @throws VisgateError MODEL_NOT_FOUND, VALIDATION_ERROR */
export function readInput(deps: Deps, endpoint: string, body: Record<string, unknown>): Asked {
  const model = modelAt(deps, endpoint);
  const { image_size: imageSize, ...rest } = body;
  const asked = readProviderBody(model, rest);
  requireInputs(model, endpoint, asked);
  return { ...asked, ...sizeIn(asked, imageSize) };
}

/** fal has an endpoint for each variant, where the catalogue has one model for all of them. */
function modelAt(deps: Deps, endpoint: string): CatalogueModel {
  const named = [...deps.catalogue.values()].find(
    ({ provider, variants }) =>
      provider === NAMES.name && Object.values(variants).some((variant) => variant?.endpoint === endpoint),
  );
  return deps.catalogue.get(endpoint) ?? named ?? modelOf(deps, NAMES, endpoint);
}

/** Without them the model would use its other endpoint, which is not what was asked for. */
function requireInputs({ id, variants }: CatalogueModel, endpoint: string, { imageUrl, media = [] }: Asked): void {
  if (endpoint === id) return;
  const given = [...(imageUrl == null ? [] : ["first"]), ...media.map(({ role }) => role as string)];
  for (const [kind, variant] of Object.entries(variants)) {
    if (variant?.endpoint !== endpoint) continue;
    const missing = neededRoles(kind as VariantKind, variant).find((role) => !given.includes(role));
    if (missing === undefined) continue;
    const field = variant.inputs[missing]?.field ?? missing;
    throw invalid(field, `${field} is required: an https URL or a data: URI.`, "required");
  }
}

/**
 * A model that has fal's `image_size` gets it as it is, or else the default that it has at fal. Other models get the
 * pixels.
 */
function sizeIn({ model, imageUrl, size, params }: Asked, given: unknown): Partial<Asked> {
  const spec = variantOf(model, imageUrl != null)?.params["image_size"];
  const isPixels = spec === undefined && model.mediaType === "image";
  if (isPixels) return given == null ? {} : { size: pixelsOf(given) ?? refuseSize() };
  const imageSize = given ?? (size === undefined ? spec?.default : undefined);
  return imageSize === undefined ? {} : { params: { ...params, image_size: imageSize } };
}

function refuseSize(): never {
  throw invalid("image_size", "image_size must be {width, height} in pixels, or a name such as landscape_4_3.");
}
