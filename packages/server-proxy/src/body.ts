/** The browser's body: at most 8 MB, and without what only the application itself may ask for. */
import { misconfigured, noWebhookUrl, Refusal, tooLarge } from "./answers.js";

/** Room for a picture of 5 MB as a data: URI. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Null when there is none. Refuses with 413 as soon as it is clear that it is too large. */
export async function readBody(request: Request, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw new Refusal(tooLarge(MAX_BODY_BYTES));
  if (request.bodyUsed || request.body?.locked === true)
    throw new Refusal(misconfigured("This server has read the body before the proxy: let it read request.clone()."));
  if (request.body === null) return null;
  const reader = request.body.getReader();
  const giveUp = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  const chunks = await readChunks(reader).finally(() => signal.removeEventListener("abort", giveUp));
  signal.throwIfAborted();
  return joined(chunks);
}

async function readChunks(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      void reader.cancel().catch(() => {});
      throw new Refusal(tooLarge(MAX_BODY_BYTES));
    }
    chunks.push(value);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | null {
  const body = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body.byteLength === 0 ? null : body;
}

/**
 * Refuses a `webhook_url`: a visitor could have messages signed with the owner's secret sent to wherever it likes, the
 * application's own receiver among them. What is no JSON is for the gateway to refuse.
 */
export function refuseWebhookUrl(body: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return;
  }
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "webhook_url"))
    throw new Refusal(noWebhookUrl());
}
