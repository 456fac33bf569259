/** What to do about an error, in one or two short sentences. */
import { ValidationError, type VisgateError } from "@visgate_ai/client";

const DOCTOR = "visgate doctor looks for the cause.";

/** "" where the message says it all. */
export function adviceOn(error: VisgateError): string {
  switch (error.errorCode) {
    case "AUTHENTICATION_ERROR":
      return "Set VISGATE_API_KEY to a key of this gateway.";
    case "CONNECTION_ERROR":
      return `Start it with npm start, or say where it is: VISGATE_BASE_URL or --base-url. ${repeatable(error)}${DOCTOR}`;
    case "CLIENT_TIMEOUT":
      return error.requestId === null ? `${repeatable(error)}${DOCTOR}` : `visgate status ${error.requestId} --wait`;
    case "MODEL_NOT_FOUND":
      return "visgate models lists them.";
    case "REQUEST_NOT_FOUND":
      return "visgate list shows yours.";
    case "UNAVAILABLE":
      return `${repeatable(error)}${DOCTOR}`;
    case "UNEXPECTED_ANSWER":
      return `${error.retryable ? repeatable(error) : ""}${DOCTOR}`;
    default:
      if (isSpent(error)) return AGAIN_IS_BILLED;
      return error.retryable ? `The same command may work ${laterText(error.retryAfter)}.` : "";
  }
}

/** The key of the failed request answers with its failure for 24 hours. */
const AGAIN_IS_BILLED =
  "Run again without --idempotency-key, or with a new one, the command makes another video, which is billed as well.";

/** The provider bills a request without an output, or may bill it. What it refuses is refused again. */
function isSpent(error: VisgateError): boolean {
  const state = error.details["charge_state"];
  const isOver = state === "charged" || state === "held" || state === "unknown";
  return isOver && !(error instanceof ValidationError) && error.errorCode !== "CANCELLED";
}

const laterText = (retryAfter: number | null) => (retryAfter === null ? "later" : `in ${retryAfter} s`);

/** Whether the gateway got the call is not known; under the same key it is safe to find out. */
function repeatable({ requestId, idempotencyKey, errorCode }: VisgateError): string {
  // UNAVAILABLE names a request that is most likely not there.
  if (idempotencyKey === null || (requestId !== null && errorCode !== "UNAVAILABLE")) return "";
  return `With --idempotency-key ${idempotencyKey} the same command makes nothing twice. `;
}
