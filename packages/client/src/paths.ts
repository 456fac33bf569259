/** Paths below the API's base URL. An id from the caller can never lead to another path. */
import { invalidOption } from "./errors.js";

/** Whether `value` stays one segment of a path, however a server or proxy on the way decodes it. */
export function isSegment(value: unknown): value is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses
  return typeof value === "string" && !/^\.{0,2}$|[\\/\x00-\x1f\x7f]|\p{Surrogate}/u.test(value);
}

/** @throws ValidationError when `value` could lead to another path */
export function segment(field: string, value: unknown): string {
  if (!isSegment(value)) throw invalidOption(field, "an id that the gateway gave");
  return encodeURIComponent(value);
}

export function requestPath(requestId: string, rest = ""): string {
  return `/requests/${segment("requestId", requestId)}${rest}`;
}

/** The slashes of a model id are part of the path. */
export function modelPath(modelId: string): string {
  const parts = typeof modelId === "string" ? modelId.split("/") : [modelId];
  return `/models/${parts.map((part) => segment("modelId", part)).join("/")}`;
}
