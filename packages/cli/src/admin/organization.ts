/** The organization that an operator's command is about: its argument and its path. */
import { ValidationError } from "@visgate_ai/client";

/** For commander's `argument`. */
export const ORGANIZATION = ["<organization>", "an id from visgate admin organizations"] as const;

/** For example `/organizations/acme/api-keys/key_1`. @throws ValidationError an id could lead to another path */
export function organizationPath(...segments: string[]): string {
  return ["/organizations", ...segments.map(segment)].join("/");
}

function segment(id: string): string {
  if (id !== "" && id !== "." && id !== "..") return encodeURIComponent(id);
  const details = { field: "id" };
  throw new ValidationError({
    message: "id must be one that the gateway gave.",
    errorCode: "VALIDATION_ERROR",
    details,
  });
}
