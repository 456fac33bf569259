/** What the entries of several families of fal's models share. */
import type { CatalogueEntry, Params, Source, VariantEntry } from "@visgate/shared/catalogue";

export const VIDEO = { provider: "fal", mediaType: "video", category: "video generation" } as const;
export const IMAGE_TO_VIDEO = { ...VIDEO, category: "image to video" } as const;
export const IMAGE = { provider: "fal", mediaType: "image", category: "image generation" } as const;

export const SEEN_AT = "2026-11-30";
export const SDK = "@fal-ai/client 1.10.1, src/types/endpoints.d.ts";
/** LiteLLM's list of prices, for models of which we have not seen fal's own page. */
export const LITELLM = "litellm 1.110.2, model_prices_and_context_window_backup.json";
/** fal's own page of a model, with its inputs and its price. */
export const llms = (id: string) => `https://fal.ai/models/${id}/llms.txt`;
export const source = (inputs: string, price: string): Source => ({ inputs, price, seenAt: SEEN_AT });

type Duration = NonNullable<VariantEntry["duration"]>;

/** An entry that starts from a prompt, under the id of its endpoint. */
export const fromText = (
  id: string,
  duration: Duration | null,
  params: Params,
): Pick<CatalogueEntry, "id" | "variants"> => ({
  id,
  variants: { text: { endpoint: id, ...(duration === null ? {} : { duration }), params } },
});

/** An entry that starts from an image, under the id of its endpoint. */
export const fromImage = (
  id: string,
  imageField: string,
  duration: Duration | null,
  params: Params,
): Pick<CatalogueEntry, "id" | "variants"> => ({
  id,
  variants: { image: { endpoint: id, imageField, ...(duration === null ? {} : { duration }), params } },
});

/** The duration as a string: "5". */
export const asString: Duration = { field: "duration", as: "string" };
export const asInteger: Duration = { field: "duration", as: "integer" };

const IMAGE_SIZES = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"];
/** fal can make larger images; this limits the cost of one call. */
const MAX_PIXELS = 4_194_304;

interface ImageText {
  /** The name of the size that the model makes by itself. */
  standardSize?: string;
  /** Null: one image per call. */
  maxImages?: number | null;
  maxPixels?: number;
}
/** Text to image with fal's `image_size`. */
export const imageText = (
  endpoint: string,
  params: Params,
  { standardSize = "landscape_4_3", maxImages = 4, maxPixels = MAX_PIXELS }: ImageText = {},
): VariantEntry => ({
  endpoint,
  size: { as: "object", field: "image_size", maxPixels },
  ...(maxImages === null ? {} : { count: { field: "num_images", max: maxImages } }),
  params: { image_size: { type: "size", values: IMAGE_SIZES, maxPixels, default: standardSize }, ...params },
});
export const steps = (max: number, standard: number) => ({ type: "integer", min: 1, max, default: standard }) as const;
