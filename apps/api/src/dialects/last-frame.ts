/** The image that a video ends with. Each provider has a name of its own for it. */
import { type CatalogueModel, variantOf } from "@visgate/shared/catalogue";
import { invalid } from "@visgate/shared/errors";

const NAMES = ["last_frame", "tail_image_url", "end_image_url", "end_image"];

/** `field`: of the caller's body. @throws VisgateError VALIDATION_ERROR when the model takes no last frame */
export function lastFrameParam(model: CatalogueModel, url: string, field: string): Record<string, string> {
  const params = variantOf(model, true)?.params ?? {};
  const name = NAMES.find((one) => params[one]?.type === "image_url");
  if (name !== undefined) return { [name]: url };
  throw invalid(field, `${field}: ${model.id} takes no last frame; leave it out.`, []);
}
