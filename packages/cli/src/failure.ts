/** From anything thrown to one line and an exit code. A stack is never shown. */
import { AbortError, AuthenticationError, TimeoutError, ValidationError, VisgateError } from "@visgate_ai/client";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { moneyText, plain } from "./text.js";

/** The command line is wrong; nothing was sent. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The work was done but for one thing, which `message` tells. */
export class CliError extends Error {
  override name = "CliError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Failure {
  line: string;
  exitCode: ExitCode;
}

export function describe(error: unknown): Failure {
  if (error instanceof UsageError) return { line: plain(`error USAGE: ${error.message}`), exitCode: EXIT.usage };
  if (error instanceof VisgateError) return { line: plain(visgateLine(error)), exitCode: exitCodeOf(error) };
  const code = error instanceof CliError ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  return { line: plain(`error ${code}: ${message}`), exitCode: EXIT.failed };
}

function exitCodeOf(error: VisgateError): ExitCode {
  if (error instanceof AuthenticationError) return EXIT.unauthorized;
  if (error instanceof TimeoutError) return EXIT.timeout;
  if (error instanceof AbortError) return EXIT.interrupted;
  // An option that the client itself refuses, as a base URL that is none.
  return error instanceof ValidationError && error.statusCode === null ? EXIT.usage : EXIT.failed;
}

function visgateLine(error: VisgateError): string {
  const field = error instanceof ValidationError && error.field !== null ? ` (${error.field})` : "";
  const parts = [
    `error ${error.errorCode}${field}:`,
    error.message,
    allowedText(error),
    moneyOf(error),
    adviceOn(error),
  ];
  const ids = [
    ...(error.requestId === null ? [] : [`request ${error.requestId}`]),
    ...(error.httpRequestId === null ? [] : [`HTTP request ${error.httpRequestId}`]),
  ];
  return [...parts, ids.length === 0 ? "" : `[${ids.join(", ")}]`].filter(Boolean).join(" ");
}

function allowedText(error: VisgateError): string {
  if (!(error instanceof ValidationError) || error.allowed === null || error.statusCode === null) return "";
  const allowed = Array.isArray(error.allowed) ? error.allowed.join(", ") : JSON.stringify(error.allowed);
  return `Allowed: ${allowed}.`;
}

/** Of a request that ended failed. */
function moneyOf({ details }: VisgateError): string {
  const state = details["charge_state"];
  if (typeof state !== "string") return "";
  return state === "charged" ? "The provider charges for it." : moneyText(state, 0);
}

function adviceOn(error: VisgateError): string {
  switch (error.errorCode) {
    case "AUTHENTICATION_ERROR":
      return "Set VISGATE_API_KEY to a key of this gateway.";
    case "CONNECTION_ERROR":
      return `${repeatable(error)}visgate doctor looks for the cause.`;
    case "CLIENT_TIMEOUT":
      return error.requestId === null ? repeatable(error) : `visgate status ${error.requestId} --wait`;
    case "MODEL_NOT_FOUND":
      return "visgate models lists them.";
    case "REQUEST_NOT_FOUND":
      return "visgate list shows yours.";
    case "UNAVAILABLE":
      return "visgate doctor looks for the cause.";
    default:
      return error.retryable ? `The same command may work ${laterText(error.retryAfter)}.` : "";
  }
}

const laterText = (retryAfter: number | null) => (retryAfter === null ? "later" : `in ${retryAfter} s`);

/** Whether the gateway got the call is not known; under the same key it is safe to find out. */
function repeatable({ requestId, idempotencyKey }: VisgateError): string {
  if (requestId !== null || idempotencyKey === null) return "";
  return `With --idempotency-key ${idempotencyKey} the same command makes nothing twice. `;
}
