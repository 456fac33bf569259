/** Errors as the AI gateway writes them. The SDK makes an error of the class of `type`. */
import type { ErrorCode, VisgateError } from "@visgate/shared/errors";
import { FAILED_DEPENDENCY } from "@visgate/shared/request";
import type { ErrorShape } from "../../http/errors.js";
import { inTheirNames } from "../their-names.js";

const NAMES = { image_url: "image", num_images: "n", duration_seconds: "duration", generate_audio: "generateAudio" };

const TYPES: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION_ERROR: "authentication_error",
  BUDGET_EXCEEDED: "forbidden",
  FORBIDDEN: "forbidden",
  MODEL_NOT_FOUND: "model_not_found",
  NOT_FOUND: "not_found",
  REQUEST_NOT_FOUND: "not_found",
  RATE_LIMIT_ERROR: "rate_limit_exceeded",
};

export function shownError(error: VisgateError) {
  const { message, details } = inTheirNames(error, NAMES);
  return { message, type: typeOf(error), param: details, code: error.code };
}

function typeOf({ code, status }: VisgateError): string {
  if (status === FAILED_DEPENDENCY) return "failed_dependency";
  return TYPES[code] ?? (status < 500 ? "invalid_request_error" : "internal_server_error");
}

export const errorShape: ErrorShape = { body: (error) => ({ error: shownError(error) }) };
