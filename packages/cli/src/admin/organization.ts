/** The organization that an operator's command is about: its argument and its path. */
import { ValidationError } from "@visgate_ai/client";

/** For commander's `argument`. */
export const ORGANIZATION = ["<organization>", "an id from visgate admin organizations"] as const;

/** For example `/organizations/acme/api-keys/key_1`. @throws ValidationError when an id could lead to another path */
export function organizationPath(...segments: string[]): string {
  return ["/organizations", ...segments.map(segment)].join("/");
}

function segment(id: string): string {
  if (id !== "" && id !== "." && id !== "..") return encodeURIComponent(id);
  const message = "id must be an id that the gateway gave.";
  throw new ValidationError({ message, errorCode: "VALIDATION_ERROR", details: { field: "id" } });
}
