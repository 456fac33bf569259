/** From anything thrown to one line and an exit code. A stack is never shown. */
import { AbortError, AuthenticationError, TimeoutError, ValidationError, VisgateError } from "@visgate_ai/client";
import { moneyText, plain } from "../screen/text.js";
import { wordFor } from "../screen/words.js";
import { adviceOn } from "./advice.js";
import { allowedText } from "./allowed.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { fieldOf, messageOf } from "./message.js";

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

/** A gateway on this machine, as npm start starts it. */
export const DEFAULT_BASE_URL = "http://127.0.0.1:8787";

export interface Failure {
  line: string;
  exitCode: ExitCode;
}

/** `baseUrl`: where the gateway was looked for. */
export function describe(error: unknown, { baseUrl } = { baseUrl: DEFAULT_BASE_URL }): Failure {
  if (error instanceof UsageError) return { line: plain(`error USAGE: ${error.message}`), exitCode: EXIT.usage };
  if (error instanceof VisgateError) return { line: plain(visgateLine(error, baseUrl)), exitCode: exitCodeOf(error) };
  const code = error instanceof CliError ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  return { line: plain(`error ${code}: ${message}`), exitCode: EXIT.failed };
}

function exitCodeOf(error: VisgateError): ExitCode {
  if (error instanceof AuthenticationError) return EXIT.unauthorized;
  if (error instanceof TimeoutError) return EXIT.timeout;
  if (error instanceof AbortError) return EXIT.interrupted;
  if (!(error instanceof ValidationError)) return EXIT.failed;
  // An option that the client itself refuses, as a base URL that is none; --events is only known to the gateway.
  return error.statusCode === null || error.field === "types" ? EXIT.usage : EXIT.failed;
}

function visgateLine(error: VisgateError, baseUrl: string): string {
  const field = fieldOf(error);
  const message = messageOf(error, baseUrl);
  const parts = [
    `error ${error.errorCode}${field === null ? "" : ` (${wordFor(field)})`}:`,
    message,
    allowedOf(error, message),
    moneyOf(error),
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

/** Of a request that ended failed. */
function moneyOf({ details }: VisgateError): string {
  const state = details["charge_state"];
  if (typeof state !== "string") return "";
  return state === "charged" ? "The provider charges for it." : moneyText(state, 0);
}
