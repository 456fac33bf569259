/** From the names of the API and of the client to the words of the command line. */

/** Fields, by their names in errors, as they are typed. */
const FIELDS = new Map(
  Object.entries({
    model: "--model",
    prompt: "the prompt",
    image_url: "--image",
    duration_seconds: "--duration",
    cache: "--no-cache",
    params: "--param",
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
  }),
);

/** Advice for those who speak HTTP. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/[;.] GET (\/api\/v1)?\/models lists them/g, ""],
  [/\bGET (\/api\/v1)?\/requests\/\{request_id\}/g, "visgate status ID"],
  [/\bGET (\/api\/v1)?\/requests\b/g, "visgate list"],
  [/\bsend the same call again\b/g, "run the same command again"],
  [/\bthe same call can be sent again\b/g, "the same command can be run again"],
  [/^Send your API key as Authorization: Bearer\b.*$/g, "No key was given."],
  [/: set image_url to .*$/g, ": give one with --image."],
  [/\b(a )?data: URI\b/g, "$1file"],
  [/\bparams\.([\w-]+(\.[\w-]+)*)/g, "--param $1"],
];

/** Those that are no words of a sentence, so that they can be told anywhere in one. */
const NAMES = /\b(image_url|duration_seconds|idempotencyKey|Idempotency-Key|baseUrl)\b/g;

/** As `duration_seconds` is `--duration`; what has no word here keeps its name. */
export function wordFor(field: string): string {
  if (field.startsWith("params.")) return `--param ${field.slice("params.".length)}`;
  return FIELDS.get(field) ?? field;
}

/** `field`: the one that the message is about, and often begins with; null when it is about none. */
export function inOurWords(message: string, field: string | null): string {
  const rest = field === null ? message : afterField(message, field);
  return PHRASES.reduce((text, [phrase, ours]) => text.replace(phrase, ours), rest).replace(NAMES, wordFor);
}

/** `duration_seconds: must be …` needs no name, as it is told before; `prompt may …` is a sentence. */
function afterField(message: string, field: string): string {
  if (message.startsWith(`${field}: `)) return message.slice(field.length + 2);
  if (message.startsWith(`${field} takes `)) return `must be ${message.slice(field.length + 7)}`;
  if (!message.startsWith(`${field} `)) return message;
  const word = wordFor(field);
  return word.charAt(0).toUpperCase() + word.slice(1) + message.slice(field.length);
}
