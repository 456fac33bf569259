/** Errors as the OpenAI API writes them, with its codes where it has one for the same thing. */
import type { ErrorCode, VisgateError } from "@visgate/shared/errors";
import type { ErrorShape } from "../../http/errors.js";

const CODES: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION_ERROR: "invalid_api_key",
  BUDGET_EXCEEDED: "insufficient_quota",
  CONTENT_POLICY_VIOLATION: "moderation_blocked",
  RATE_LIMIT_ERROR: "rate_limit_exceeded",
  VALIDATION_ERROR: "invalid_value",
};
const TYPES: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION_ERROR: "authentication_error",
  BUDGET_EXCEEDED: "insufficient_quota",
  FORBIDDEN: "permission_error",
  RATE_LIMIT_ERROR: "rate_limit_error",
};
/** Of the provider or of this server; its status may be 424, which clients do not repeat. */
const OF_SERVERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(["INTERNAL_ERROR", "OUTPUT_UNAVAILABLE", "PROVIDER_ERROR", "PROVIDER_TIMEOUT"] as const),
  ...(["SUBMIT_UNKNOWN", "UNAVAILABLE"] as const),
]);

/** What our own API calls these fields. */
const FIELDS: Record<string, string> = { image_url: "input_reference", duration_seconds: "seconds" };
const inTheirWords = (text: string) =>
  text.replace(/(?<![.\w])(image_url|duration_seconds)\b/g, (name) => FIELDS[name] ?? name);

export const codeOf = (code: ErrorCode): string => CODES[code] ?? code.toLowerCase();

export const errorShape: ErrorShape = {
  body({ code, message, details }: VisgateError) {
    const { field } = details;
    const type = TYPES[code] ?? (OF_SERVERS.has(code) ? "server_error" : "invalid_request_error");
    const param = typeof field === "string" ? inTheirWords(field) : null;
    return { error: { message: inTheirWords(message), type, code: codeOf(code), param } };
  },
};
