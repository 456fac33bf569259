/** Maps fal's errors to ours: the stored answer of the model, or the error_type of the status (docs.fal.ai, errors). */
import type { Failure } from "@visgate/shared/errors";
import { z } from "zod";
import type { Answer } from "../sdk-call/one-shot.js";

const detailItem = z.object({ type: z.string().optional(), msg: z.string().optional() });
const errorBody = z.object({
  detail: z.union([z.string(), z.array(detailItem)]).optional(),
  error_type: z.string().optional(),
});

const TIMEOUTS = new Set(["request_timeout", "startup_timeout", "generation_timeout"]);
const CANCELLED = new Set(["client_cancelled", "client_disconnected"]);
/** Errors that fal finds when it checks the input, before a GPU runs, so nothing is billed. */
const INPUT_TYPES =
  /^(bad_request$|missing|literal_error|string_|int_|float_|bool_|enum|one_of|greater_than|less_than|value_error|image_load_error|image_too_|file_download_error|file_too_large|unsupported_|feature_not_supported|face_detection_error)/;

const hintOf = (type: string): string =>
  type === "file_download_error"
    ? " It could not download the image: image_url must be reachable from the internet."
    : "";

/** `units`: fal's billed units of this answer. They decide whether it is charged, not the error type. */
export function falFailure(answer: Answer, units: number | null): Failure {
  const parsed = errorBody.safeParse(answer.body);
  const { detail, error_type } = parsed.success ? parsed.data : {};
  const type =
    error_type ?? answer.headers.get("x-fal-error-type") ?? (Array.isArray(detail) ? detail[0]?.type : undefined) ?? "";
  const hint = answer.headers.get("x-fal-retryable") ?? answer.headers.get("x-fal-needs-retry");
  const retryable = hint === "true" || hint === "1";
  const failure = byType(type, answer.status, retryable);
  return units === null ? failure : { ...failure, charged: units > 0 };
}

export function byType(type: string, status: number, retryable: boolean): Failure {
  if (type === "content_policy_violation") {
    // fal bills a violation that it finds after the GPU ran. The error does not say when it was found.
    return {
      code: "CONTENT_POLICY_VIOLATION",
      message: "fal refused the prompt or image by its content policy.",
      retryable: false,
      charged: null,
    };
  }
  if (TIMEOUTS.has(type))
    return {
      code: "PROVIDER_TIMEOUT",
      message: "fal stopped this request, because it took too long.",
      retryable: true,
      charged: false,
    };
  if (CANCELLED.has(type))
    return { code: "CANCELLED", message: "The request was cancelled at fal.", retryable: false, charged: null };
  if (INPUT_TYPES.test(type)) {
    return {
      code: "VALIDATION_ERROR",
      message: `fal refused an input of this request (${type}).${hintOf(type)}`,
      retryable: false,
      charged: false,
    };
  }
  const suffix = /^[a-z_]{1,60}$/.test(type) ? ` (${type})` : "";
  const message = `fal could not render this request${suffix}.`;
  return {
    code: "PROVIDER_ERROR",
    message,
    retryable: retryable || status >= 500,
    charged: status >= 500 ? false : null,
  };
}
