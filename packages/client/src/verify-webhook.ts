/** Whether a webhook is genuine and recent: the Standard Webhooks scheme, by WebCrypto. */
import { fromWire } from "./case.js";
import { WebhookVerificationError } from "./errors.js";
import type { WebhookEvent } from "./types.generated.js";

const DEFAULT_TOLERANCE_SECONDS = 300;
const PREFIX = "whsec_";

export interface VerifyOptions {
  /** How old, or how far ahead, `webhook-timestamp` may be, in seconds; 300 unless given. */
  toleranceSeconds?: number | undefined;
  /** Milliseconds since 1970; the clock unless given. */
  now?: (() => number) | undefined;
}

/** A `Headers`, or an object as Node's `request.headers`. */
export type WebhookHeaders = Pick<Headers, "get"> | Record<string, string | readonly string[] | undefined>;

/**
 * @param body the body as it came, before any parsing
 * @param secret `whsec_…`; several while one is being rotated: any of them will do
 * @throws WebhookVerificationError it is not genuine, or not recent
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const id = headerOf(headers, "webhook-id");
  const timestamp = headerOf(headers, "webhook-timestamp");
  const signatures = signaturesIn(headerOf(headers, "webhook-signature"));
  if (!(Math.abs(now() / 1000 - Number(timestamp)) <= toleranceSeconds)) throw refused("its timestamp is too far off");
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`);
  for (const one of typeof secret === "string" ? [secret] : secret) {
    if (await isSignedBy(one, signatures, signed)) return fromWire(JSON.parse(text)) as WebhookEvent;
  }
  throw refused("no signature fits");
}

/** `subtle.verify` compares in constant time. */
async function isSignedBy(secret: string, signatures: readonly Bytes[], signed: Bytes): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const raw = bytesOf(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (raw === null || raw.length === 0) throw refused("the secret is not base64 (whsec_…)");
  const key = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const fits = await Promise.all(signatures.map((signature) => subtle.verify("HMAC", key, signature, signed)));
  return fits.includes(true);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** `v1,<base64> v1,<base64>`; other versions are not ours to judge. */
function signaturesIn(header: string): Bytes[] {
  const own = header.split(" ").filter((part) => part.startsWith("v1,"));
  return own.map((part) => bytesOf(part.slice(3))).filter((bytes) => bytes !== null);
}

function bytesOf(base64: string): Bytes | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = typeof headers["get"] === "function" ? headers.get(name) : plainHeader(headers, name);
  if (!value) throw refused(`the header ${name} is missing`);
  return value;
}

function plainHeader(headers: object, name: string): string | null {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : null;
}

function refused(why: string): WebhookVerificationError {
  return new WebhookVerificationError({ message: `The webhook is refused: ${why}.`, errorCode: "INVALID_WEBHOOK" });
}
