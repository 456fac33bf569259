/** What an assistant can do about an error, in one or two short sentences. */
import type { VisgateError } from "@visgate_ai/client";

const RESTART = "in the configuration of this MCP server, then restart it.";

/** "" where the message says enough. */
export function adviceOn(error: VisgateError): string {
  switch (error.errorCode) {
    case "AUTHENTICATION_ERROR":
      return `Ask the user to set VISGATE_API_KEY to a key of this gateway ${RESTART}`;
    case "CONNECTION_ERROR":
    case "CLIENT_TIMEOUT":
      return `${repeatText(error)}Ask the user to start the gateway, or to set VISGATE_BASE_URL to its URL ${RESTART}`;
    case "MODEL_NOT_FOUND":
      return "list_models shows the models.";
    case "REQUEST_NOT_FOUND":
      return "list_requests shows the latest requests.";
    case "BUDGET_EXCEEDED":
      return "Nothing was accepted or spent. quote shows what is left of each budget, and list_models shows cheaper models.";
    case "UNAVAILABLE":
    case "UNEXPECTED_ANSWER":
      return repeatText(error);
    case "VALIDATION_ERROR":
      return fieldIsAbout(error, "params") ? "list_models with the model's id shows its params." : "";
    default:
      if (mayBeBilled(error)) return "Generating again is billed too: ask the user first.";
      return error.retryable ? `The same call may work ${laterText(error.retryAfter)}.` : "";
  }
}

function fieldIsAbout({ details }: VisgateError, name: string): boolean {
  const { field } = details;
  return typeof field === "string" && (field === name || field.startsWith(`${name}.`));
}

/** A refused input would be refused again, and a cancel was wanted. */
const NOT_TO_REPEAT = new Set<string>(["CONTENT_POLICY_VIOLATION", "VALIDATION_ERROR", "CANCELLED"]);

/** The provider bills the request, or may bill it. */
function mayBeBilled({ details, errorCode }: VisgateError): boolean {
  const state = details["charge_state"];
  const isBillable = state === "charged" || state === "held" || state === "unknown";
  return isBillable && !NOT_TO_REPEAT.has(errorCode);
}

const laterText = (retryAfter: number | null) => (retryAfter === null ? "later" : `in ${retryAfter} s`);

/** The request may exist, or exists: what to do instead of making another one. */
function repeatText({ requestId, idempotencyKey }: VisgateError): string {
  // An UNAVAILABLE may name a request that the gateway did not keep, so the key comes first.
  if (idempotencyKey !== null)
    return `Repeat the call with idempotency_key "${idempotencyKey}": it never makes a second request. `;
  return requestId === null ? "" : "The request continues: get_request shows it. ";
}
