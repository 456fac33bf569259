/** What an error says: its message in the terms of the command line, and the values that a field allows. */
import type { VisgateError } from "@visgate_ai/client";
import { KEY_VARIABLES } from "../providers.generated.js";
import { translate as toCommandLine } from "./translate.js";

const EXAMPLE_BASE_URL = "http://localhost:8787";

/** Puts a message of the API into the words of the reader. `field`: what it is about; null: no single field. */
type Translate = (message: string, field: string | null) => string;

/** `baseUrl`: the URL of the gateway that was used. `translate`: for readers who do not use the command line. */
export function messageOf(error: VisgateError, baseUrl: string, translate: Translate = toCommandLine): string {
  const field = fieldOf(error);
  if (field === "baseUrl") {
    const rule = translate(error.message, field).replace(/\.$/, "");
    return `${rule}, for example ${EXAMPLE_BASE_URL}; it is "${withoutUser(baseUrl)}".`;
  }
  switch (error.errorCode) {
    case "CONNECTION_ERROR":
      return `No answer from the gateway at ${baseUrl} (${reasonOf(error)}).`;
    case "CLIENT_TIMEOUT":
      return error.requestId === null ? timeoutText(error, baseUrl, translate) : error.message;
    case "PROVIDER_NOT_CONFIGURED":
      return keyMissingText(error.details["provider"]);
    default:
      return translate(error.message, field);
  }
}

export function fieldOf({ details }: VisgateError): string | null {
  return typeof details["field"] === "string" ? details["field"] : null;
}

/** The refused URL may contain a password. */
const withoutUser = (url: string) => url.replace(/\/\/.*@/, "//…@");

/** A code, for example ECONNREFUSED; or the message of the innermost cause where Node gives no code. */
function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message.replace(/\.$/, "");
}

function timeoutText(error: VisgateError, baseUrl: string, translate: Translate): string {
  const what =
    error.idempotencyKey === null
      ? `The gateway at ${baseUrl} did not answer in time.`
      : "The time ran out before the gateway confirmed the request.";
  return [what, lastErrorText(error.cause, baseUrl, translate)].filter(Boolean).join(" ");
}

/** Why the last try failed; "" when that is not known. */
function lastErrorText(cause: unknown, baseUrl: string, translate: Translate): string {
  if (!(cause instanceof Error)) return "";
  return isVisgateError(cause)
    ? `Last error: ${cause.errorCode}: ${messageOf(cause, baseUrl, translate)}`
    : `Last error: ${reasonOf(cause)}.`;
}

const isVisgateError = (error: Error): error is VisgateError => "errorCode" in error;

function keyMissingText(provider: unknown): string {
  const name = typeof provider === "string" ? provider : "the provider";
  const variable = KEY_VARIABLES[name];
  return `The gateway has no usable key for ${name}: set ${variable ?? "it"} where the gateway runs.`;
}

/** For example `4, 6, 8` or `at most 10`; "" when it is not known, or when `message` already says it. */
export function allowedText(allowed: unknown, message: string, translate: Translate = toCommandLine): string {
  // A string names a type of value, which the message describes better.
  if (typeof allowed !== "object" || allowed === null) return "";
  const values = Object.entries(allowed).flatMap(([name, value]) =>
    name === "exclusive" ? [] : [valueText(value, translate)],
  );
  if (values.every((value) => includesWord(message, value))) return "";
  return Array.isArray(allowed) ? values.join(", ") : boundsText(allowed as Record<string, unknown>, translate);
}

function boundsText(bounds: Record<string, unknown>, translate: Translate): string {
  const { minimum, maximum, exclusive, ...others } = bounds;
  const [above, below] = exclusive === true ? ["more than", "less than"] : ["at least", "at most"];
  return [
    ...(minimum === undefined ? [] : [`${above} ${minimum}`]),
    ...(maximum === undefined ? [] : [`${below} ${maximum}`]),
    // For example maximum_bytes.
    ...Object.entries(others).map(([name, value]) => `${name.replaceAll("_", " ")} ${valueText(value, translate)}`),
  ].join(", ");
}

const valueText = (value: unknown, translate: Translate): string =>
  typeof value === "object" && value !== null
    ? Object.values(value)
        .map((inner) => valueText(inner, translate))
        .join(", ")
    : translate(String(value), null);

/** Compares whole words: 18 does not include 8. */
function includesWord(message: string, word: string): boolean {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${literal}(?![\\w-]|\\.\\w)`).test(message);
}
