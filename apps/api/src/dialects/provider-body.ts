/**
 * Reads the body that a provider's own API takes. Its fields have the names that the catalogue knows as those of the
 * provider. For models of other providers, names that are usual for the same thing are taken too.
 */
import { type CatalogueModel, type ParamSpec, variantOf } from "@visgate/shared/catalogue";
import { generateVideoBody } from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import { validate } from "../http/validate.js";
import type { Asked } from "./dialect.js";

const IMAGE_FIELDS = ["image_url", "image", "input_image", "start_image", "first_frame_image", "input_reference"];
const DURATION_FIELDS = ["duration", "seconds", "duration_seconds"];
const COUNT_FIELDS = ["num_images", "num_outputs", "n"];

/** `at`: where the body is, for errors, as "input."; "" for the top. */
export function readProviderBody(model: CatalogueModel, body: Record<string, unknown>, at = ""): Asked {
  const rest = new Map(Object.entries(body).filter(([, value]) => value != null));
  /** The first of these that is given, with its name. All of them are used up. */
  const take = (names: readonly (string | undefined)[]): [name: string, value: unknown] | undefined => {
    const given = names.filter((name): name is string => name !== undefined && rest.has(name));
    const found = given.map((name): [string, unknown] => [name, rest.get(name)]);
    for (const name of given) rest.delete(name);
    return found[0];
  };
  const all = [model.variants.text, model.variants.image];
  const image = take([...all.map((variant) => variant?.imageField), ...IMAGE_FIELDS]);
  const variant = variantOf(model, image !== undefined) ?? variantOf(model, image === undefined);
  const prompt = take([variant?.promptField, "prompt"]);
  const duration = take([...all.map((one) => one?.duration?.field), ...DURATION_FIELDS]);
  const count = take([variant?.count?.field, ...COUNT_FIELDS]);
  const [width, height] = [take(["width"]), take(["height"])];
  return {
    model,
    prompt: validate(generateVideoBody.shape.prompt, prompt?.[1], `${at}prompt`),
    imageUrl: image === undefined ? null : textOf(image, at),
    durationSeconds: duration === undefined ? undefined : secondsOf(duration, at),
    count: count === undefined ? undefined : numberOf(count, at),
    size: width && height ? { width: numberOf(width, at), height: numberOf(height, at) } : undefined,
    params: paramsOf(variant?.params ?? {}, rest),
  };
}

type Given = [name: string, value: unknown];

function textOf([name, value]: Given, at: string): string {
  // Some SDKs send a list with one image.
  const text = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof text === "string") return text;
  throw invalid(at + name, `${at}${name} must be a string.`, "string");
}

function numberOf([name, value]: Given, at: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number > 0) return number;
  throw invalid(at + name, `${at}${name} must be a positive whole number.`, "positive integer");
}

/** As 8, "8" or "8s". */
const secondsOf = ([name, value]: Given, at: string): number =>
  numberOf([name, typeof value === "string" ? value.replace(/s$/, "") : value], at);

/** The params by the names that the catalogue gives them. Unknown ones stay, and are refused with their name. */
function paramsOf(specs: Record<string, ParamSpec>, given: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const byField = new Map(Object.entries(specs).map(([name, spec]) => [spec.field ?? name, { name, spec }]));
  return Object.fromEntries(
    [...given].map(([field, value]) => {
      if (Object.hasOwn(specs, field)) return [field, value];
      const found = byField.get(field);
      return found === undefined ? [field, value] : [found.name, callersValue(found.spec, value)];
    }),
  );
}

/** The provider may spell a value differently. */
function callersValue(spec: ParamSpec, value: unknown): unknown {
  if (spec.type !== "string" || spec.map === undefined) return value;
  return Object.entries(spec.map).find(([, theirs]) => theirs === value)?.[0] ?? value;
}
