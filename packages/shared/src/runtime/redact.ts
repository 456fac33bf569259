/**
 * Removes from a value what must not be logged. Secrets and prompts are recognized by the name of their field, at any
 * depth and in any spelling. URLs lose what may be secret, in every text. Of an error only harmless fields are logged,
 * because libraries attach whole commands and requests (ioredis: the arguments of the failed command, and so the record
 * with its prompt).
 */
import { CENSOR, hideUrlSecrets } from "./hide-url-secrets.js";

const MAX_DEPTH = 8;

/** The names of the providers' keys are added to these. */
const SECRET_NAMES = [
  ...["authorization", "proxy-authorization", "cookie", "set-cookie"],
  ...["apiKey", "providerKey", "providerKeys", "callerKey", "callerKeys", "encrypted", "encryptedProviderKey"],
  ...["password", "secret", "secrets", "previousSecret", "token", "signature", "webhook-signature"],
  ...["secretAccessKey", "sessionToken", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  ...["VISGATE_API_KEY", "VISGATE_SECRET", "VISGATE_ADMIN_KEY", "x-visgate-admin-key", "adminKey"],
  ...["prompt", "negative_prompt", "prompt_text", "image_url", "data_uri"],
];

export interface Redactor {
  redact(value: unknown): unknown;
  redactFields(fields: Record<string, unknown>): Record<string, unknown>;
}

/** `secretNames`: more names of fields whose values are never logged. */
export function createRedactor(secretNames: readonly string[]): Redactor {
  const secrets = new Set([...SECRET_NAMES, ...secretNames].map(plainName));

  function redact(value: unknown, depth = 0): unknown {
    if (typeof value === "string") return hideUrlSecrets(value);
    if (value === null || typeof value !== "object") return value;
    if (value instanceof Error) return describeError(value, depth);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (depth >= MAX_DEPTH) return "[deep]";
    if ("toJSON" in value && typeof value.toJSON === "function") return redact(value.toJSON(), depth + 1);
    if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
    return redactFields(value as Record<string, unknown>, depth);
  }

  function redactFields(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      shown[name] = secrets.has(plainName(name)) ? CENSOR : redact(value, depth + 1);
    }
    return shown;
  }

  function describeError(error: Error, depth: number): Record<string, unknown> {
    const { name, message, stack, cause } = error;
    const code = "code" in error ? { code: redact(error.code, MAX_DEPTH) } : {};
    const shownCause = cause === undefined || depth >= MAX_DEPTH ? {} : { cause: redact(cause, depth + 1) };
    return { type: name, message: redact(message), ...code, stack: redact(stack), ...shownCause };
  }

  return { redact: (value) => redact(value), redactFields: (fields) => redactFields(fields) };
}

/** `api-key`, `API_KEY` and `apiKey` are the same name. */
const plainName = (name: string): string => name.toLowerCase().replace(/[-_]/g, "");
