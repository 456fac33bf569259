/** Calls whose answer was lost, and which must not be repeated as they are. */

/** How Node calls a connection that was never made: the gateway has seen nothing of the call. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** The gateway may have accepted the call, and a repeated one may be paid for again. */
export class LostAnswer extends Error {
  override name = "LostAnswer";
}

/** With an idempotency key a repeated call is the same request; without one it may be another generation. */
export function isRepeatable({ method, headers }: Request, path: string): boolean {
  return method !== "POST" || headers.has("idempotency-key") || !path.endsWith("generate");
}

/** Runtimes other than Node do not say: then it may have been sent. */
export function wasNeverSent(error: unknown): boolean {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown } };
  return NEVER_SENT.has(String(cause?.code));
}
