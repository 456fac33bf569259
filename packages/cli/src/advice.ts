/** What to do about an error, in one or two short sentences. */
import type { VisgateError } from "@visgate_ai/client";

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
      return error.retryable ? `The same command may work ${laterText(error.retryAfter)}.` : "";
  }
}

const laterText = (retryAfter: number | null) => (retryAfter === null ? "later" : `in ${retryAfter} s`);

/** Whether the gateway got the call is not known; under the same key it is safe to find out. */
function repeatable({ requestId, idempotencyKey, errorCode }: VisgateError): string {
  // UNAVAILABLE names a request that is most likely not there.
  if (idempotencyKey === null || (requestId !== null && errorCode !== "UNAVAILABLE")) return "";
  return `With --idempotency-key ${idempotencyKey} the same command makes nothing twice. `;
}
