/**
 * What of a value may be logged. Secrets and prompts are known by the name of their field, however deep it lies and
 * however it is spelled; of an error only what we know to be harmless is kept, for libraries hang whole commands and
 * requests on theirs (ioredis: the arguments of the command that failed, and so the record with its prompt).
 */

const CENSOR = "[redacted]";
const MAX_DEPTH = 8;

/** In lower case, without `-` and `_`. */
const SECRET_NAMES = new Set([
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "apikey",
  "providerkey",
  "encryptedproviderkey",
  "xfalkey",
  "xreplicatekey",
  "xrunwaykey",
  "falkey",
  "replicateapitoken",
  "runwaymlapisecret",
  "awssecretaccesskey",
  "secretaccesskey",
  "awssessiontoken",
  "sessiontoken",
  "visgateapikey",
  "visgatesecret",
  "password",
  "secret",
  "token",
  "signature",
  "webhooksignature",
  "prompt",
  "negativeprompt",
  "prompttext",
  "imageurl",
  "datauri",
]);

export function redact(value: unknown, depth = 0): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Error) return describeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return "[deep]";
  if ("toJSON" in value && typeof value.toJSON === "function") return redact(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactFields(value as Record<string, unknown>, depth);
}

export function redactFields(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    shown[name] = isSecretName(name) ? CENSOR : redact(value, depth + 1);
  }
  return shown;
}

function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replace(/[-_]/g, ""));
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = "code" in error ? { code: redact(error.code, MAX_DEPTH) } : {};
  const shownCause = cause === undefined || depth >= MAX_DEPTH ? {} : { cause: redact(cause, depth + 1) };
  return { type: name, message, ...code, stack, ...shownCause };
}
