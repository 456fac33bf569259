/** The error for an id that the catalogue does not have. It names the model that was probably meant. */
import { nearest } from "@visgate/shared/catalogue";
import { type ErrorDetails, VisgateError } from "@visgate/shared/errors";

const MAX_SHOWN = 100;

/** `ids`: the models that could be meant. */
export function modelNotFound(id: string, ids: Iterable<string>, details: ErrorDetails = {}): VisgateError {
  const shown = id.slice(0, MAX_SHOWN);
  const suggestion = nearest(shown, ids);
  const message = `There is no model ${shown}; GET /api/v1/models lists them.`;
  if (suggestion === null) return new VisgateError("MODEL_NOT_FOUND", message, details);
  const question = `There is no model ${shown}. Did you mean ${suggestion}?`;
  return new VisgateError("MODEL_NOT_FOUND", question, { ...details, suggestion });
}
