/** An image in a form that providers take. */
import { type CheckedMedia, checkMedia } from "@visgate/shared/outputs";
import type { Deps } from "../deps.js";

export async function wholeImage(_deps: Deps, bytes: Buffer, _options: { converts: boolean }): Promise<CheckedMedia> {
  return checkMedia(bytes, "image");
}
