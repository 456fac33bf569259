/** What an error says, for those who have the command line and nothing else. */
import type { VisgateError } from "@visgate_ai/client";
import { KEY_VARIABLES } from "../providers.generated.js";
import { inOurWords } from "../screen/words.js";

const EXAMPLE_BASE_URL = "http://localhost:8787";

/** `baseUrl`: where the gateway was looked for. */
export function messageOf(error: VisgateError, baseUrl: string): string {
  const field = fieldOf(error);
  if (field === "baseUrl") return `${clauseOf(error)}, as ${EXAMPLE_BASE_URL}; it is "${withoutUser(baseUrl)}".`;
  switch (error.errorCode) {
    case "CONNECTION_ERROR":
      return `No answer from the gateway at ${baseUrl} (${reasonOf(error)}).`;
    case "CLIENT_TIMEOUT":
      return error.requestId === null ? timeoutText(error, baseUrl) : error.message;
    case "PROVIDER_NOT_CONFIGURED":
      return keyMissingText(error.details["provider"]);
    default:
      return inOurWords(error.message, field);
  }
}

export function fieldOf({ details }: VisgateError): string | null {
  return typeof details["field"] === "string" ? details["field"] : null;
}

const clauseOf = (error: VisgateError) => inOurWords(error.message, "baseUrl").replace(/\.$/, "");

/** A refused URL may have a password in it. */
const withoutUser = (url: string) => url.replace(/\/\/.*@/, "//…@");

/** As ECONNREFUSED; the words of the innermost cause where Node gives no code. */
function reasonOf(failure: Error): string {
  const { code } = failure as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  return failure.cause instanceof Error ? reasonOf(failure.cause) : failure.message.replace(/\.$/, "");
}

function timeoutText(error: VisgateError, baseUrl: string): string {
  const what =
    error.idempotencyKey === null
      ? `The gateway at ${baseUrl} did not answer in time.`
      : "The time was over, and as far as is known the gateway has not accepted the request.";
  return [what, lastText(error.cause, baseUrl)].filter(Boolean).join(" ");
}

/** What went wrong the last time that it was tried; "" when that is not known. */
function lastText(cause: unknown, baseUrl: string): string {
  if (!(cause instanceof Error)) return "";
  return isVisgateError(cause) ? `Last: ${cause.errorCode}: ${messageOf(cause, baseUrl)}` : `Last: ${reasonOf(cause)}.`;
}

const isVisgateError = (error: Error): error is VisgateError => "errorCode" in error;

function keyMissingText(provider: unknown): string {
  const name = typeof provider === "string" ? provider : "the provider";
  const variable = KEY_VARIABLES[name];
  return `The gateway has no usable key for ${name}: set ${variable ?? "it"} where the gateway runs.`;
}
