/** What a tool answers when it fails: what is wrong, in which field, what it costs, and what to do next. */
import { ValidationError, VisgateError } from "@visgate_ai/client";
import { allowedText, fieldOf, messageOf } from "../../errors/message.js";
import { chargeText, oneLine } from "../../screen/text.js";
import { adviceOn } from "./advice.js";

/** Fields that have another name in the API or in the client. */
const FIELDS: Readonly<Record<string, string>> = {
  apiKey: "VISGATE_API_KEY",
  baseUrl: "VISGATE_BASE_URL",
  requestId: "request_id",
  idempotencyKey: "idempotency_key",
  "Idempotency-Key": "idempotency_key",
  timeout: "wait_seconds",
};

/** Advice that only helps callers of the HTTP API. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  // The advice says how to list the models.
  [/[;.:,] [^;.:,]*\bGET (\/api\/v1)?\/models\b[^;.]*/g, ""],
  [/\bGET (\/api\/v1)?\/requests\b/g, "list_requests"],
  [/^[^.]*\bAuthorization: Bearer\b.*$/g, "No API key was given."],
  [/\bsend the same call\b/g, "call the tool"],
  [/\bSend the same call\b/g, "Call the tool"],
  [/\bIdempotency-Key\b/g, "idempotency_key"],
];

/** `baseUrl`: the URL of the gateway that was used. */
export function errorText(error: unknown, { baseUrl }: { baseUrl: string }): string {
  if (error instanceof VisgateError) return oneLine(textOf(error, baseUrl));
  return oneLine(`UNEXPECTED: ${error instanceof Error ? error.message : String(error)}`);
}

function textOf(error: VisgateError, baseUrl: string): string {
  const field = fieldOf(error);
  const message = messageOf(error, baseUrl, inToolWords);
  const allowed = error instanceof ValidationError ? allowedText(error.allowed, message, inToolWords) : "";
  const state = error.details["charge_state"];
  return [
    `${error.errorCode}${field === null ? "" : ` (${FIELDS[field] ?? field})`}:`,
    message,
    allowed === "" ? "" : `Allowed: ${allowed}.`,
    typeof state === "string" ? chargeText(state, null) : "",
    adviceOn(error),
    error.requestId === null ? "" : `[request ${error.requestId}]`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** `field`: the text begins with its name, so the message need not. */
function inToolWords(message: string, field: string | null): string {
  const start = `${field}: `;
  const rest = field !== null && message.startsWith(start) ? message.slice(start.length) : message;
  return PHRASES.reduce((text, [phrase, ours]) => text.replace(phrase, ours), rest);
}
