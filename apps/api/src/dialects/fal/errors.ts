/**
 * Errors as fal writes them: `detail` is a list of fields when the input is wrong, and a text otherwise. fal's SDK shows
 * `message`, which fal itself leaves out.
 */
import { invalid, type VisgateError } from "@visgate/shared/errors";
import { type ErrorShape, toErrorBody } from "../../http/errors.js";

export const errorShape: ErrorShape = {
  body(error: VisgateError) {
    const { code, message } = error;
    if (code === "CONTENT_POLICY_VIOLATION") return bodyOf(error, ["body", "prompt"], "content_policy_violation");
    if (code === "VALIDATION_ERROR") return validationBody(error);
    return { ...toErrorBody(error), detail: message, error_type: errorTypeOf(code) };
  },
};

/** What fal calls the errors of a request; undefined when it has no name for this one. */
export const errorTypeOf = (code: string): string | undefined => TYPES.get(code);

const TYPES: ReadonlyMap<string, string> = new Map([
  ["CANCELLED", "client_cancelled"],
  ["PROVIDER_TIMEOUT", "request_timeout"],
  ["PROVIDER_ERROR", "internal_error"],
  ["VALIDATION_ERROR", "bad_request"],
  ["CONTENT_POLICY_VIOLATION", "content_policy_violation"],
]);

/** Where fal's callers give what has another name here. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ["duration_seconds", ["body", "duration"]],
  ["webhook_url", ["query", "fal_webhook"]],
  ["x-fal-target-url", ["header", "x-fal-target-url"]],
  ["body", ["body"]],
]);

function validationBody({ message, details }: VisgateError) {
  const { field: name = "body", allowed } = details;
  const field = String(name);
  const loc = PLACES.get(field) ?? ["body", ...field.split(".")];
  const shown = loc.slice(1).join(".") || field;
  return bodyOf(invalid(shown, message.replace(field, shown), allowed), loc, "value_error");
}

const bodyOf = (error: VisgateError, loc: readonly string[], type: string) => ({
  ...toErrorBody(error),
  detail: [{ loc, msg: error.message, type }],
});
