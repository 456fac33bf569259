/** Errors as problem details, which Replicate's clients show. */
import type { VisgateError } from "@visgate/shared/errors";
import type { ErrorShape } from "../../http/errors.js";

export const errorShape: ErrorShape = {
  body: ({ code, message, details, status }: VisgateError) => ({ title: code, detail: message, status, ...details }),
};
