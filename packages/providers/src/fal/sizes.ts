/** The sizes that fal names, in pixels. */
import type { RequestRecord } from "@visgate/shared/request";
import { z } from "zod";

const NAMED: ReadonlyMap<string, [width: number, height: number]> = new Map([
  ["square_hd", [1024, 1024]],
  ["square", [512, 512]],
  ["portrait_4_3", [768, 1024]],
  ["portrait_16_9", [576, 1024]],
  ["landscape_4_3", [1024, 768]],
  ["landscape_16_9", [1024, 576]],
]);

const pixels = z.object({ width: z.number(), height: z.number() });

/** Of an `image_size`: one of fal's names, or `{width, height}`. Undefined for anything else. */
export function pixelsOf(imageSize: unknown): { width: number; height: number } | undefined {
  const named = typeof imageSize === "string" ? NAMED.get(imageSize) : undefined;
  return named === undefined ? pixels.safeParse(imageSize).data : { width: named[0], height: named[1] };
}

/** The size that was asked for; undefined when the model chose it. */
export const sizeOf = ({ input }: RequestRecord) => pixelsOf(input.params["image_size"]) ?? input.size ?? undefined;
