/** The size of an image, as fal writes it. */
import { NAMED_SIZES } from "@visgate/shared/catalogue";
import type { PixelSize, RequestRecord } from "@visgate/shared/request";
import { z } from "zod";

const pixels = z.object({ width: z.number(), height: z.number() });

/** Of an `image_size`: one of fal's names, or `{width, height}`. Undefined for anything else. */
export function pixelsOf(imageSize: unknown): PixelSize | undefined {
  if (typeof imageSize !== "string") return pixels.safeParse(imageSize).data;
  return Object.hasOwn(NAMED_SIZES, imageSize) ? NAMED_SIZES[imageSize] : undefined;
}

/** The size that was asked for; undefined when the model chose it. */
export const sizeOf = ({ input }: RequestRecord) => pixelsOf(input.params["image_size"]) ?? input.size ?? undefined;
