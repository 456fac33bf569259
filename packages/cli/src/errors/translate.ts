/** Translates error messages from the names of the API and the client to what is typed on the command line. */

/** The option that sets a field, by the field's name in errors. */
const OPTIONS = new Map(
  Object.entries({
    model: "--model",
    prompt: "the prompt",
    image_url: "--image",
    duration_seconds: "--duration",
    cache: "--no-cache",
    params: "--param",
    params_unchecked: "--params-unchecked",
    fallback: "--fallback",
    timeout: "--timeout",
    idempotencyKey: "--idempotency-key",
    "Idempotency-Key": "--idempotency-key",
    apiKey: "VISGATE_API_KEY or --api-key",
    baseUrl: "VISGATE_BASE_URL or --base-url",
    requestId: "ID",
    types: "--events",
    after: "--after",
    status: "--status",
    provider: "--provider",
    limit: "--limit",
    search: "--search",
    media_type: "--media",
    priority: "--priority",
    period: "--period",
    date: "--date",
    scopes: "--scope",
    models: "--models",
    requests_per_minute: "--requests-per-minute",
    expires_at: "--expires",
    subject: "--key or --provider",
    limit_usd: "USD",
    name: "the name",
    id: "ID",
    apiKeyId: "ID",
    time_zone: "--time-zone",
    weight: "--weight",
    max_in_flight: "--max-in-flight",
    max_open: "--max-open",
    usage_tag: "--usage-tag",
  }),
);

/** Advice that only helps callers of the HTTP API or of the client. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  // adviceOn says how to list the models, so the clause that says it for HTTP is left out.
  [/[;.:,] [^;.:,]*\bGET (\/api\/v1)?\/models\b[^;.]*/g, ""],
  [/\bGET (\/api\/v1)?\/requests\b/g, "visgate list"],
  [/\bclient\.requests\.get\b/g, "visgate status ID"],
  [/\bsend the same call\b/g, "run the same command"],
  [/\bSend the same call\b/g, "Run the same command"],
  [/\bthe same call\b/g, "the same command"],
  [/^[^.]*\bAuthorization: Bearer\b.*$/g, "No API key was given."],
  [/: set image_url to .*$/g, ": give one with --image."],
  [/\b(a )?data: URI\b/g, "$1file"],
  [/\bparams_unchecked: true\b/g, "--params-unchecked"],
  [/\bparams\.([\w-]+(\.[\w-]+)*)/g, "--param $1"],
];

/** Field names that are not English words, so that they can be replaced anywhere in a sentence. */
const NAMES = /\b(image_url|duration_seconds|idempotencyKey|Idempotency-Key|baseUrl)\b/g;

/** For example `--duration` for `duration_seconds`. A field without an option keeps its name. */
export function optionFor(field: string): string {
  if (field.startsWith("params.")) return `--param ${field.slice("params.".length)}`;
  if (field.startsWith("fallback.")) return "--fallback";
  return OPTIONS.get(field) ?? field;
}

/** `field`: what the message is about, and often begins with; null when it is about no single field. */
export function translate(message: string, field: string | null): string {
  const rest = field === null ? message : withoutField(message, field);
  return PHRASES.reduce((text, [phrase, ours]) => text.replace(phrase, ours), rest).replace(NAMES, optionFor);
}

/** The line names the option before the message, so `duration_seconds: must be …` becomes `must be …`. */
function withoutField(message: string, field: string): string {
  if (message.startsWith(`${field}: `)) return message.slice(field.length + 2);
  if (message.startsWith(`${field} takes `)) return `must be ${message.slice(field.length + 7)}`;
  if (!message.startsWith(`${field} `)) return message;
  // `prompt may …` is a sentence, which needs its subject.
  const option = optionFor(field);
  return option.charAt(0).toUpperCase() + option.slice(1) + message.slice(field.length);
}
