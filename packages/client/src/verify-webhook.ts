/** Verifies that a webhook is genuine and recent, by the Standard Webhooks scheme. Uses WebCrypto. */
import { WebhookVerificationError } from "./errors.js";
import type { WebhookEvent } from "./types.generated.js";
import { readObject } from "./wire-format.js";

const DEFAULT_TOLERANCE_SECONDS = 300;
const EVENT = { type: "string", data: "object" };

export interface VerifyOptions {
  /** Seconds by which `webhook-timestamp` may differ from the current time; 300 unless given. */
  toleranceSeconds?: number | undefined;
  /** The current time in milliseconds since 1970; `Date.now` unless given. */
  now?: (() => number) | undefined;
}

/** A `Headers`, or a plain object like `request.headers` of Node. */
export type WebhookHeaders = Pick<Headers, "get"> | Record<string, string | readonly string[] | undefined>;

/**
 * Verifies a webhook and returns its event.
 * @param body the body as it was received, before any parsing: bytes or text
 * @param headers the headers of the request; names in any case
 * @param secret `whsec_…`, or several during a rotation: one match is enough. Values that are not secrets are ignored
 * @throws WebhookVerificationError the webhook is not genuine, not recent or not an event; or no secret is usable
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
  if (!(ageSeconds <= toleranceSeconds)) throw invalid("its timestamp is too far from the current time");
  const bytes = bytesIn(body);
  const signed = await new Blob([`${id}.${timestamp}.`, bytes]).arrayBuffer();
  for (const key of keysIn(secret)) if (await isSignedBy(key, signatures, signed)) return eventIn(bytes);
  throw invalid("no signature matches");
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes that the sender signed. Text with a lone surrogate is refused: encoding would replace it. */
function bytesIn(body: unknown): Bytes {
  if (typeof body === "string" && !/\p{Surrogate}/u.test(body)) return new TextEncoder().encode(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength);
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") return new Uint8Array(body as ArrayBuffer);
  throw invalid("its body must be the raw text or bytes, before any parsing");
}

function eventIn(bytes: Uint8Array): WebhookEvent {
  try {
    const event = readObject(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), EVENT);
    if (event !== null) return event as unknown as WebhookEvent;
  } catch {}
  throw invalid("its body is not an event");
}

/** The usable secrets: during a rotation, one of them may not be set. */
function keysIn(secret: unknown): Bytes[] {
  const all: unknown[] = Array.isArray(secret) ? secret : [secret];
  const keys = all.map((one) => (typeof one === "string" ? bytesOf(one.replace(/^whsec_/, "")) : null));
  const usable = keys.filter((key) => key !== null && key.length > 0) as Bytes[];
  if (usable.length === 0) throw invalid("no secret is valid base64 (whsec_…)");
  return usable;
}

/** `subtle.verify` compares in constant time. */
async function isSignedBy(raw: Bytes, signatures: readonly Bytes[], signed: ArrayBuffer): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const matches = await Promise.all(signatures.map((signature) => subtle.verify("HMAC", key, signature, signed)));
  return matches.includes(true);
}

/** Reads `v1,<base64> v1,<base64>`; other versions are skipped. `Headers` joins a repeated header with commas. */
function signaturesIn(header: string): Bytes[] {
  const own = header.split(/,? +/).filter((part) => part.startsWith("v1,"));
  return own.map((part) => bytesOf(part.slice(3))).filter((bytes) => bytes !== null);
}

/** Null when the text is not base64. `atob` itself ignores spaces and line ends, so they are refused first. */
function bytesOf(base64: string): Bytes | null {
  try {
    return /\s/.test(base64) ? null : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = typeof headers?.["get"] === "function" ? headers.get(name) : plainHeader(headers, name);
  if (typeof value !== "string" || value === "") throw invalid(`the header ${name} is missing`);
  return value;
}

function plainHeader(headers: object, name: string): unknown {
  const found: unknown = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return Array.isArray(found) ? found.join(" ") : found;
}

function invalid(why: string): WebhookVerificationError {
  return new WebhookVerificationError({ message: `The webhook is not valid: ${why}.`, errorCode: "INVALID_WEBHOOK" });
}
