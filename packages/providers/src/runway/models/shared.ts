/** What the entries of several families of Runway's models share. */
import type { Params, Source, VariantEntry } from "@visgate/shared/catalogue";

export const VIDEO = { provider: "runway", mediaType: "video", category: "video generation" } as const;
export const IMAGE = { provider: "runway", mediaType: "image", category: "image generation" } as const;
export const inSeconds = { field: "duration", as: "integer" } as const;

export const SDK = "@runwayml/sdk 4.20.1, src/resources/{text-to-video,image-to-video,text-to-image}.ts";
/** The SDK does not say which lengths these models make. */
export const SDK_AND_LENGTHS = `${SDK}; lengths: github.com/cluely/unmodel, its table of Runway's video models`;
/** Of Wan 3.0 and H3 Max. */
export const SDK_AND_NEWEST_LENGTHS = `${SDK}; lengths: two public tables of https://docs.dev.runwayml.com/api, which agree`;
/** A copy of https://docs.dev.runwayml.com/guides/pricing/, at $0.01 a credit. */
export const PRICES = "litellm 1.110.2, model_prices_and_context_window_backup.json";
/** Of Wan 3.0 and H3 Max. Its other prices are those of `PRICES`. */
export const NEWEST_PRICES =
  "https://docs.dev.runwayml.com/guides/pricing/ on 2026-10-04, as the project VibeFrame (vericontext/vibeframe) notes it";
export const NO_PRICE = "not known; Runway reports the charge of each task";
export const source = (inputs: string, price: string): Source => ({ inputs, price, seenAt: "2026-11-30" });

/** An input as an object with its URL in `uri`. */
const inUri = (others: Record<string, string> = {}) => ({ url: "uri", with: others });

/** `promptImage` as a list of the first and the last frame. */
export const firstAndLast = {
  first: { field: "promptImage", as: "list", object: inUri({ position: "first" }) },
  last: { field: "promptImage", as: "list", object: inUri({ position: "last" }) },
} satisfies VariantEntry["inputs"];

export const references = (field: string, max: number) =>
  ({ reference: { field, as: "list", max, object: inUri() } }) satisfies VariantEntry["inputs"];
export const typed = (field: string, type: string) => ({ field, object: inUri({ type }) });

/** The aspect ratio by its usual name, and Runway's own `ratio`, because some ratios have no usual name. */
export function ratioParams(names: Record<string, string>, others: string[] = []): Params {
  const shapes = Object.keys(names);
  return {
    aspect_ratio: { type: "string", values: shapes, map: names, field: "ratio", default: "16:9", alwaysSent: true },
    ratio: { type: "string", values: [...Object.values(names), ...others] },
  };
}

/** The sizes of ratios like "1920:1080". Others, as "auto", have no pixels. */
export const imageSizes = (ratios: string[]) =>
  ratios.flatMap((value) => {
    const [width = Number.NaN, height = Number.NaN] = value.split(":").map(Number);
    return Number.isNaN(width + height) ? [] : [{ value, width, height }];
  });
