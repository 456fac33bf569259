/** What a generation costs according to the catalogue, in integer micro-USD. */
import type { JsonValue, PixelSize } from "../request/record.js";
import { paramFields, spell } from "./body.js";
import { durationsOf, mainVariant } from "./inputs.js";
import type { CatalogueModel, Variant } from "./schema.js";
import { mapDuration, resolveSize, sizeFields } from "./sizes.js";

type Params = Record<string, JsonValue>;
type Price = CatalogueModel["price"];
type Rule = Price["when"][number];

/** Micro-USD per unit for these params and this size (null when a param names it); null when it is not known. */
export function unitPriceMicro(
  { price }: CatalogueModel,
  variant: Variant,
  params: Params,
  size: PixelSize | null = null,
): number | null {
  if (countsCallersVideo(price, variant)) return null;
  const asked = { ...askedFields(variant, params), ...sizeFields(variant.size, size) };
  return price.when.find((rule) => matches(rule, variant, asked))?.micro ?? price.micro;
}

/** The tokens of the caller's own video count too, at another price, and nobody knows its length before. */
const countsCallersVideo = ({ unit }: Price, { inputs }: Variant): boolean =>
  unit === "thousand_tokens" && inputs.video !== undefined;

function matches(rule: Pick<Rule, "params">, { params: specs }: Variant, asked: Params): boolean {
  return Object.entries(rule.params).every(([name, wanted]) => {
    const spec = specs[name];
    return spec !== undefined && [wanted].flat().some((value) => asked[spec.field ?? name] === spell(spec, value));
  });
}

/** What the provider gets of the params, by its names, with its defaults. */
const askedFields = (variant: Variant, params: Params): Params => ({
  ...defaultFields(variant),
  ...paramFields(variant, params),
});

/** Cached per variant, which never changes: to collect the defaults takes longer than to hash a submit. */
const DEFAULTS = new WeakMap<Variant, Params>();

function defaultFields(variant: Variant): Params {
  const known = DEFAULTS.get(variant);
  if (known !== undefined) return known;
  const found = findDefaults(variant);
  DEFAULTS.set(variant, found);
  return found;
}

function findDefaults({ params: specs }: Variant): Params {
  const entries = Object.entries(specs).flatMap(([name, spec]) =>
    spec.default === undefined ? [] : [[spec.field ?? name, spell(spec, spec.default)] as const],
  );
  return Object.fromEntries(entries);
}

export interface Requested {
  variant: Variant;
  durationSeconds: number | null;
  size: PixelSize | null;
  count: number | null;
  params: Params;
}

/**
 * How many units a request asks for: seconds of video, megapixels, images, videos or thousands of tokens. Null when the
 * length of the caller's own video decides it.
 */
export function requestedUnits(model: CatalogueModel, requested: Requested): number | null {
  const count = requested.count ?? 1;
  switch (model.price.unit) {
    case "second":
      return requested.durationSeconds;
    case "megapixel":
      return count * megapixels(pixelSizeOf(requested));
    case "image":
    case "video":
      return count;
    case "thousand_tokens":
      return thousandTokens(model.price, requested);
  }
}

function thousandTokens(price: Price, { variant, durationSeconds, params }: Requested): number | null {
  const { tokens } = price;
  if (tokens === undefined || durationSeconds === null || countsCallersVideo(price, variant)) return null;
  const asked = askedFields(variant, params);
  const size = tokens.sizes.find((one) => matches(one, variant, asked));
  const pixels = size === undefined ? null : size.width * size.height;
  return pixels === null ? null : (pixels * tokens.framesPerSecond * durationSeconds) / 1024 / 1000;
}

/** Sizes that models know by a name, in pixels. */
export const NAMED_SIZES: Readonly<Record<string, PixelSize>> = {
  square_hd: { width: 1024, height: 1024 },
  square: { width: 512, height: 512 },
  portrait_4_3: { width: 768, height: 1024 },
  portrait_16_9: { width: 576, height: 1024 },
  landscape_4_3: { width: 1024, height: 768 },
  landscape_16_9: { width: 1024, height: 576 },
};
const ONE_MEGAPIXEL: PixelSize = { width: 1024, height: 1024 };

/** The size in pixels, however it was asked for; one megapixel when it is not known. */
export function pixelSizeOf({ variant, size, params }: Pick<Requested, "variant" | "size" | "params">): PixelSize {
  if (size !== null) return size;
  const listed = listedByParam(variant, params);
  if (listed !== null) return listed;
  const [name, spec] = Object.entries(variant.params).find(([, one]) => one.type === "size") ?? [];
  const given = name === undefined ? undefined : (params[name] ?? spec?.default);
  if (typeof given === "string") return NAMED_SIZES[given] ?? ONE_MEGAPIXEL;
  const { width, height } = (given ?? ONE_MEGAPIXEL) as Partial<PixelSize>;
  return { width: Number(width), height: Number(height) };
}

/** The listed size that a param names in the provider's words or through its map. */
function listedByParam(variant: Variant, params: Params): PixelSize | null {
  const { size } = variant;
  if (size?.as !== "listed") return null;
  const value = askedFields(variant, params)[size.field];
  const found = size.sizes.find((one) => one.value === value);
  return found === undefined ? null : { width: found.width, height: found.height };
}

/** Billed megapixels of one image: units of 1024 x 1024 pixels, rounded up. */
export function megapixels({ width, height }: PixelSize): number {
  return Math.ceil((width * height) / 1024 ** 2);
}

/** Null when the price is not known. */
export function costMicro(units: number | null, unitMicro: number | null): number | null {
  return units === null || unitMicro === null ? null : Math.round(units * unitMicro);
}

const DEFAULT_DURATION_SECONDS = 5;

/** The cost of a generation with only a prompt, and with an image if the model needs one. */
export function defaultPrice(model: CatalogueModel): { baseMicro: number | null; unitMicro: number | null } {
  const variant = mainVariant(model);
  const durations = durationsOf(model, variant);
  const longest = durations.length === 0 ? null : Math.max(...durations);
  const durationSeconds = mapDuration(DEFAULT_DURATION_SECONDS, durations) ?? longest;
  const defaultSize = model.mediaType === "image" ? { ...ONE_MEGAPIXEL, given: false } : null;
  const size = resolveSize(variant, defaultSize, {});
  const unitMicro = unitPriceMicro(model, variant, {}, size);
  const units = requestedUnits(model, { variant, durationSeconds, size, count: 1, params: {} });
  return { baseMicro: costMicro(units, unitMicro), unitMicro };
}
