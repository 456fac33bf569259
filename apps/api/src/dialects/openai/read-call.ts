/** Reads `POST /videos`: a form, as the SDKs send it, or JSON. */
import { type CatalogueModel, mainVariant, variantOf } from "@visgate/shared/catalogue";
import { generationFields } from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import { encodeDataUri } from "@visgate/shared/outputs";
import { z } from "zod";
import { readJson, requireSafeName } from "../../http/body.js";
import { isForm, readForm } from "../../http/form.js";
import type { Ctx } from "../../http/route.js";
import { validate } from "../../http/validate.js";
import type { Asked } from "../dialect.js";
import { coerceParams } from "../generate.js";
import { readProviderBody } from "../provider-body.js";
import { sizeToParams } from "./size.js";

/** Leaves room for an image of 5 MB in base64. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const IMAGE_FILES = ["input_reference", "input_reference[image_url]"];
/** The SDKs take calls without a model for this one. */
const DEFAULT_MODEL = "sora-2";

const call = z.looseObject({
  model: generationFields.model.default(DEFAULT_MODEL),
  prompt: generationFields.prompt,
  input_reference: z
    .union([z.string(), z.looseObject({ image_url: z.string().optional() })], {
      error: "must be an image file, its URL, or {image_url}",
    })
    .nullish(),
  seconds: z.union([z.string(), z.number()], { error: "must be a number of seconds, as 4" }).nullish(),
  size: z.string().nullish(),
  params: z.record(z.string(), z.unknown()).nullish(),
});

export interface Call {
  body: z.output<typeof call>;
  /** The values in `params`, and unknown fields, are text. */
  isForm: boolean;
}

export async function readCall(c: Ctx): Promise<Call> {
  const given = isForm(c) ? await readFormFields(c) : await readJson(c, MAX_BODY_BYTES);
  return { body: validate(call, given), isForm: isForm(c) };
}

async function readFormFields(c: Ctx): Promise<Record<string, unknown>> {
  const { fields, files } = await readForm(c, MAX_BODY_BYTES);
  for (const [name, bytes] of files) {
    if (!IMAGE_FILES.includes(name)) throw invalid(name, `${name} takes no file; send the image as input_reference.`);
    // The bytes decide the type later.
    fields.set(name, encodeDataUri("application/octet-stream", bytes));
  }
  return nested(fields);
}

/** `params[seed]` is the seed in `params`. */
function nested(fields: ReadonlyMap<string, string>): Record<string, unknown> {
  const flat = new Map<string, unknown>();
  const groups = new Map<string, Map<string, string>>();
  for (const [name, text] of fields) {
    const [, group, key] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
    if (group === undefined || key === undefined) flat.set(name, text);
    else {
      requireSafeName(key);
      groups.set(group, (groups.get(group) ?? new Map()).set(key, text));
    }
  }
  for (const [group, values] of groups) {
    if (flat.has(group)) throw invalid(group, `${group} is given twice; give it once.`);
    flat.set(group, Object.fromEntries(values));
  }
  return Object.fromEntries(flat);
}

/** What the call asks of the model. */
export function askedOf(model: CatalogueModel, { body, isForm }: Call): Asked {
  if (model.mediaType !== "video") {
    throw invalid("model", `${model.id} makes images; this call takes models that make videos.`, "video");
  }
  const { model: _, size, params, input_reference: reference, ...others } = body;
  const image = reference == null ? null : imageOf(reference);
  const twin = Object.keys(params ?? {}).find((name) => Object.hasOwn(others, name));
  if (twin !== undefined) throw invalid(twin, `${twin} is given twice; give it once.`);
  const asked = readProviderBody(model, { ...others, ...params, input_reference: image });
  const hasImage = (asked.imageUrl ?? null) !== null;
  const given = isForm ? coerceParams(model, hasImage, asked.params ?? {}) : (asked.params ?? {});
  const variant = variantOf(model, hasImage) ?? mainVariant(model);
  if (size == null) return { ...asked, params: given };
  return { ...asked, params: { ...given, ...sizeToParams(variant, size, given) } };
}

function imageOf(reference: NonNullable<Call["body"]["input_reference"]>): string {
  if (typeof reference === "string") return reference;
  const [other] = Object.keys(reference).filter((name) => name !== "image_url");
  if (other === undefined && reference.image_url !== undefined) return reference.image_url;
  const field = `input_reference.${other ?? "image_url"}`;
  throw invalid(field, `${field}: this server keeps no files; send the image itself, or its URL.`, "image_url");
}
