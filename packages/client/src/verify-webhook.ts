/** Whether a webhook is genuine and recent: the Standard Webhooks scheme, by WebCrypto. */
import { WebhookVerificationError } from "./errors.js";
import { fitting } from "./shape.js";
import type { WebhookEvent } from "./types.generated.js";

const DEFAULT_TOLERANCE_SECONDS = 300;
const EVENT = { type: "string", data: "object" };

export interface VerifyOptions {
  /** How old, or how far ahead, `webhook-timestamp` may be, in seconds; 300 unless given. */
  toleranceSeconds?: number | undefined;
  /** Milliseconds since 1970; the clock unless given. */
  now?: (() => number) | undefined;
}

/** A `Headers`, or an object as Node's `request.headers`. */
export type WebhookHeaders = Pick<Headers, "get"> | Record<string, string | readonly string[] | undefined>;

/**
 * @param body the body as it came, before any parsing: its bytes, or the text that they were
 * @param secret `whsec_…`; several while one is being rotated: any of them will do
 * @throws WebhookVerificationError it is not genuine, or not recent, or no event; or no secret is one
 */
export async function verifyWebhook(
  body: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const id = headerOf(headers, "webhook-id");
  const timestamp = headerOf(headers, "webhook-timestamp");
  const signatures = signaturesIn(headerOf(headers, "webhook-signature"));
  const ageSeconds = /^\d+$/.test(timestamp) ? Math.abs(now() / 1000 - Number(timestamp)) : Number.NaN;
  if (!(ageSeconds <= toleranceSeconds)) throw refused("its timestamp is too far off");
  const bytes = bytesIn(body);
  const signed = await new Blob([`${id}.${timestamp}.`, bytes]).arrayBuffer();
  for (const key of keysIn(secret)) if (await isSignedBy(key, signatures, signed)) return eventIn(bytes);
  throw refused("no signature fits");
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What was signed. Text that is not Unicode would be signed as something else. */
function bytesIn(body: unknown): Bytes {
  if (typeof body === "string" && !/\p{Surrogate}/u.test(body)) return new TextEncoder().encode(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength);
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") return new Uint8Array(body as ArrayBuffer);
  throw refused("its body must be as it came, text or bytes");
}

function eventIn(bytes: Uint8Array): WebhookEvent {
  try {
    const event = fitting(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), EVENT);
    if (event !== null) return event as unknown as WebhookEvent;
  } catch {}
  throw refused("its body is not an event");
}

/** Those that are secrets; while they are rotated an unset one beside a good one does no harm. */
function keysIn(secret: unknown): Bytes[] {
  const all: unknown[] = Array.isArray(secret) ? secret : [secret];
  const keys = all.map((one) => (typeof one === "string" ? bytesOf(one.replace(/^whsec_/, "")) : null));
  const usable = keys.filter((key) => key !== null && key.length > 0) as Bytes[];
  if (usable.length === 0) throw refused("the secret is not base64 (whsec_…)");
  return usable;
}

/** `subtle.verify` compares in constant time. */
async function isSignedBy(raw: Bytes, signatures: readonly Bytes[], signed: ArrayBuffer): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const fits = await Promise.all(signatures.map((signature) => subtle.verify("HMAC", key, signature, signed)));
  return fits.includes(true);
}

/** `v1,<base64> v1,<base64>`; other versions are not ours to judge. Headers that came twice are joined by commas. */
function signaturesIn(header: string): Bytes[] {
  const own = header.split(/,? +/).filter((part) => part.startsWith("v1,"));
  return own.map((part) => bytesOf(part.slice(3))).filter((bytes) => bytes !== null);
}

/** `atob` alone looks over spaces and line ends. */
function bytesOf(base64: string): Bytes | null {
  try {
    return /\s/.test(base64) ? null : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = typeof headers?.["get"] === "function" ? headers.get(name) : plainHeader(headers, name);
  if (typeof value !== "string" || value === "") throw refused(`the header ${name} is missing`);
  return value;
}

function plainHeader(headers: object, name: string): unknown {
  const found: unknown = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return Array.isArray(found) ? found.join(" ") : found;
}

function refused(why: string): WebhookVerificationError {
  return new WebhookVerificationError({ message: `The webhook is refused: ${why}.`, errorCode: "INVALID_WEBHOOK" });
}
