/** The body of the browser's request: at most 8 MB, and without fields that only the application itself may set. */
import { misconfigured, payloadTooLarge, Refusal, webhookUrlNotAllowed } from "./error-responses.js";

/** Enough for an image of 5 MB as a data: URI. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Null when the request has no body. @throws Refusal 413 as soon as the body is known to be too large */
export async function readBody(request: Request, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
  const tooLarge = () => new Refusal(payloadTooLarge(MAX_BODY_BYTES));
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw tooLarge();
  if (request.bodyUsed || request.body?.locked === true) {
    throw new Refusal(misconfigured("This server has read the body before the proxy: let it read request.clone()."));
  }
  if (request.body === null) return null;
  const reader = request.body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  const chunks = await readChunks(reader, tooLarge).finally(() => signal.removeEventListener("abort", cancel));
  signal.throwIfAborted();
  return concatenate(chunks);
}

async function readChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  tooLarge: () => Refusal,
): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      void reader.cancel().catch(() => {});
      throw tooLarge();
    }
    chunks.push(value);
  }
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | null {
  const body = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body.byteLength === 0 ? null : body;
}

/**
 * Refuses a `webhook_url`. A visitor could otherwise send messages, signed with the owner's secret, to any receiver,
 * the application's own included. A body that is not JSON passes: the gateway refuses it.
 */
export function refuseWebhookUrl(body: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return;
  }
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "webhook_url")) {
    throw new Refusal(webhookUrlNotAllowed());
  }
}
