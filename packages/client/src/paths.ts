/** Where things are below the API's base: what a caller hands in never names another place. */
import { wrong } from "./options.js";

/** A name that stays one segment of a path, whatever decodes it on the way. */
export function isSegment(value: unknown): value is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return typeof value === "string" && !/^\.{0,2}$|[\\/\x00-\x1f\x7f]|\p{Surrogate}/u.test(value);
}

/** @throws ValidationError for what could name another place */
export function segment(field: string, value: unknown): string {
  if (!isSegment(value)) throw wrong(field, "an id that the gateway gave");
  return encodeURIComponent(value);
}

export function requestPath(requestId: string, rest = ""): string {
  return `/requests/${segment("requestId", requestId)}${rest}`;
}

/** Its slashes are part of the id. */
export function modelPath(modelId: string): string {
  const parts = typeof modelId === "string" ? modelId.split("/") : [modelId];
  return `/models/${parts.map((part) => segment("modelId", part)).join("/")}`;
}
