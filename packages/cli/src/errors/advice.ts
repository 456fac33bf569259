/** What the user can do about an error, in one or two short sentences. */
import { ValidationError, type VisgateError } from "@visgate_ai/client";
import { AdminKeyError } from "./admin-key-error.js";

const DOCTOR = "Run visgate doctor to find the cause.";

/** "" where the message says enough. */
export function adviceOn(error: VisgateError): string {
  switch (error.errorCode) {
    case "AUTHENTICATION_ERROR":
      return error instanceof AdminKeyError
        ? "Set VISGATE_ADMIN_KEY to the value with which the gateway was started."
        : "Set VISGATE_API_KEY to a key of this gateway.";
    case "CONNECTION_ERROR":
      return `Start it with npm start, or set its URL: VISGATE_BASE_URL or --base-url. ${repeatText(error)}${DOCTOR}`;
    case "CLIENT_TIMEOUT":
      return error.requestId === null
        ? `${repeatText(error)}${DOCTOR}`
        : `To keep waiting: visgate status ${error.requestId} --wait`;
    case "MODEL_NOT_FOUND":
      return "visgate models lists all models.";
    case "REQUEST_NOT_FOUND":
      return "visgate list shows your requests.";
    case "UNAVAILABLE":
      return `${repeatText(error)}${DOCTOR}`;
    case "UNEXPECTED_ANSWER":
      return `${error.retryable ? repeatText(error) : ""}${DOCTOR}`;
    default:
      if (mayBeBilled(error)) return NEW_VIDEO_IS_BILLED;
      return error.retryable ? `The same command may work ${laterText(error.retryAfter)}.` : "";
  }
}

/** With the key of the failed request, the gateway would return that failure for 24 hours. */
const NEW_VIDEO_IS_BILLED =
  "The same command without --idempotency-key, or with a new key, makes another video, which is billed too.";

/** The provider bills the request, or may bill it. A refused input is left out: it would be refused again. */
function mayBeBilled(error: VisgateError): boolean {
  const state = error.details["charge_state"];
  const isBillable = state === "charged" || state === "held" || state === "unknown";
  return isBillable && !(error instanceof ValidationError) && error.errorCode !== "CANCELLED";
}

const laterText = (retryAfter: number | null) => (retryAfter === null ? "later" : `in ${retryAfter} s`);

/** It is not known whether the gateway got the call; with the same key it is safe to repeat it. */
function repeatText({ requestId, idempotencyKey, errorCode }: VisgateError): string {
  // UNAVAILABLE may name a request that the gateway did not keep, so the command must be repeated to find out.
  if (idempotencyKey === null || (requestId !== null && errorCode !== "UNAVAILABLE")) return "";
  return `Repeat the command with --idempotency-key ${idempotencyKey}: it never makes a second video. `;
}
