/** What no type can say of a catalogue entry: its parts must agree with each other. */
import type { z } from "zod";
import type { CatalogueModel, ParamSpec, Variant } from "./schema.js";

export function checkModel(model: CatalogueModel, context: z.RefinementCtx): void {
  const fault = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: "custom", message, path, input: model });
  const variants = Object.entries(model.variants).filter((entry): entry is [string, Variant] => Boolean(entry[1]));
  if (variants.length === 0) fault("needs text, image or both", "variants");
  if (model.price.unit === "second" && model.durationsSeconds.length === 0) {
    fault("is needed by a price per second", "durationsSeconds");
  }
  for (const [name, variant] of variants) {
    if (name === "image" && variant.imageField === undefined) fault("is needed", "variants", name, "imageField");
    if (model.durationsSeconds.length > 0 !== (variant.duration !== undefined)) {
      fault("must be there exactly when durationsSeconds is", "variants", name, "duration");
    }
    for (const [param, spec] of Object.entries(variant.params)) {
      const reason = paramFault(spec);
      if (reason !== null) fault(reason, "variants", name, "params", param);
    }
  }
  for (const [index, { params }] of model.price.when.entries()) {
    for (const param of Object.keys(params)) {
      const isKnown = variants.some(([, variant]) => Object.hasOwn(variant.params, param));
      if (!isKnown) fault("is no param of this model", "price", "when", index, "params", param);
    }
  }
}

function paramFault(spec: ParamSpec): string | null {
  if (spec.alwaysSent && spec.default === undefined) return "is always sent, so it needs a default";
  if (spec.type !== "string") return null;
  const { values, map } = spec;
  if (values !== undefined && spec.default !== undefined && !values.includes(spec.default)) {
    return "has a default that is none of its values";
  }
  const unmapped = map === undefined ? undefined : values?.find((value) => !Object.hasOwn(map, value));
  return unmapped === undefined ? null : `has no spelling for ${unmapped}`;
}
