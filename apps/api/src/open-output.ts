/** Opens a file of the output store for a caller. */
import { VisgateError } from "@visgate/shared/errors";
import { type OpenedFile, posterKeyOf } from "@visgate/shared/outputs";
import { posterOf, type RequestRecord } from "@visgate/shared/request";
import type { Deps } from "./deps.js";

export const noLongerKept = () => new VisgateError("NOT_FOUND", "This file is no longer kept.");
export const notReadable = () =>
  new VisgateError("UNAVAILABLE", "This server cannot read its media now; try again shortly.");

/** Where the poster of a request is; null when it has none. */
export function posterFile(record: RequestRecord) {
  const poster = posterOf(record);
  if (poster === null) return null;
  return { key: posterKeyOf(poster.outputKey), contentType: "image/jpeg", sha256: poster.sha256 };
}

/**
 * A disk or bucket that is away now may have the file: a 404 would say that it is gone.
 * @throws VisgateError NOT_FOUND or UNAVAILABLE
 */
export async function openOutput(deps: Deps, key: string): Promise<OpenedFile> {
  const file = await deps.outputs.open(key).catch((error) => {
    deps.log.error({ err: error }, "a file could not be opened");
    throw notReadable();
  });
  if (file !== null) return file;
  throw deps.outputsHealth.fault() === null ? noLongerKept() : notReadable();
}
