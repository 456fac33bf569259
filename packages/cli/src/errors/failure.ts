/** Turns anything that was thrown into one line for stderr and an exit code. A stack trace is never shown. */
import { AbortError, AuthenticationError, TimeoutError, ValidationError, VisgateError } from "@visgate_ai/client";
import { chargeText, oneLine } from "../screen/text.js";
import { adviceOn } from "./advice.js";
import { allowedText, fieldOf, messageOf } from "./message.js";
import { optionFor } from "./translate.js";

export const EXIT = { ok: 0, failed: 1, usage: 2, unauthorized: 3, timeout: 124, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0    done
  1    the request failed, the gateway or a provider refused or did not answer, or doctor found a fault
  2    wrong usage: nothing was done
  3    the API key is missing, unknown or revoked, or the admin key is missing or wrong
  124  the --timeout was over; a request whose id was printed continues at the gateway
  130  Ctrl-C; webhook listen, which ends this way, exits with 0`;

/** The command line is wrong; nothing was sent. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** An error with a code of this program's own, for example OUTPUT_NOT_SAVED. */
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

/** `baseUrl`: the URL of the gateway that was used. */
export function toFailure(error: unknown, { baseUrl }: { baseUrl: string }): Failure {
  if (error instanceof UsageError) return { line: oneLine(`error USAGE: ${error.message}`), exitCode: EXIT.usage };
  if (error instanceof VisgateError) return { line: oneLine(lineOf(error, baseUrl)), exitCode: exitCodeOf(error) };
  const code = error instanceof CliError ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  return { line: oneLine(`error ${code}: ${message}`), exitCode: EXIT.failed };
}

function exitCodeOf(error: VisgateError): ExitCode {
  if (error instanceof AuthenticationError) return EXIT.unauthorized;
  if (error instanceof TimeoutError) return EXIT.timeout;
  if (error instanceof AbortError) return EXIT.interrupted;
  if (!(error instanceof ValidationError)) return EXIT.failed;
  // Without a status the client refused an option itself. Only the gateway can check the event types of --events.
  return error.statusCode === null || error.field === "types" ? EXIT.usage : EXIT.failed;
}

function lineOf(error: VisgateError, baseUrl: string): string {
  const field = fieldOf(error);
  const message = messageOf(error, baseUrl);
  const parts = [
    `error ${error.errorCode}${field === null ? "" : ` (${optionFor(field)})`}:`,
    message,
    allowedOf(error, message),
    chargeOf(error),
    adviceOn(error),
  ];
  const ids = [
    ...(error.requestId === null ? [] : [`request ${error.requestId}`]),
    ...(error.httpRequestId === null ? [] : [`HTTP request ${error.httpRequestId}`]),
  ];
  return [...parts, ids.length === 0 ? "" : `[${ids.join(", ")}]`].filter(Boolean).join(" ");
}

function allowedOf(error: VisgateError, message: string): string {
  const allowed = error instanceof ValidationError ? allowedText(error.allowed, message) : "";
  return allowed === "" ? "" : `Allowed: ${allowed}.`;
}

/** Whether a failed request is charged. The error has no amount. */
function chargeOf({ details }: VisgateError): string {
  const state = details["charge_state"];
  return typeof state === "string" ? chargeText(state, null) : "";
}
