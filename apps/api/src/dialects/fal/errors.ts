/**
 * Errors as fal writes them: `detail` is a list of fields when the input is wrong, and a text otherwise. fal's SDK shows
 * `message`, which fal itself leaves out.
 */
import { detailOf, errorTypeOf } from "@visgate/providers/fal/words";
import { invalid, type VisgateError } from "@visgate/shared/errors";
import { type ErrorShape, toErrorBody } from "../../http/errors.js";

export const errorShape: ErrorShape = {
  body(error: VisgateError) {
    const { code, message } = error;
    if (code === "VALIDATION_ERROR") return validationBody(error);
    const detail = detailOf(error);
    return { ...toErrorBody(error), detail, ...(detail === message ? { error_type: errorTypeOf(code) } : {}) };
  },
};

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
  const error = invalid(shown, message.replace(field, shown), allowed);
  return { ...toErrorBody(error), detail: [{ loc, msg: error.message, type: "value_error" }] };
}
