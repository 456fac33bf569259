/** Which of a model's variants and durations a request gets. */
import type { CatalogueModel, Variant } from "./schema.js";

/** How the model is asked with, or without, an image; undefined when it cannot be. */
export function variantOf(model: CatalogueModel, hasImage: boolean): Variant | undefined {
  return hasImage ? model.variants.image : model.variants.text;
}

const TOLERANCE_SECONDS = 0.01;

/** The smallest allowed duration that is not shorter than asked, or null above the longest one. Seconds. */
export function mapDuration(requestedSeconds: number, allowedSeconds: readonly number[]): number | null {
  const fitting = allowedSeconds.filter((seconds) => seconds >= requestedSeconds - TOLERANCE_SECONDS);
  return fitting.length === 0 ? null : Math.min(...fitting);
}
