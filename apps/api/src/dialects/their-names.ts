/** Errors of the use-cases name our fields. A caller of a dialect knows those of its SDK. */
import type { VisgateError } from "@visgate/shared/errors";

/** `names`: theirs by ours. */
export function inTheirNames({ message, details }: VisgateError, names: Record<string, string>) {
  const { field } = details;
  const theirs = typeof field === "string" ? names[field] : undefined;
  if (typeof field !== "string" || theirs === undefined) return { message, details };
  return { message: message.replaceAll(field, theirs), details: { ...details, field: theirs } };
}
