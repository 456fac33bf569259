/** Which request and which key an error is about. What the caller's own code threw is handed on as it is. */
import { VisgateError } from "./errors.js";

const callers = new WeakSet<object>();

export interface Known {
  requestId?: string;
  idempotencyKey?: string;
}

/** The error, and what is known of its call; what it says itself stays. */
export function tag(thrown: unknown, { requestId, idempotencyKey }: Known): unknown {
  if (!(thrown instanceof VisgateError) || callers.has(thrown)) return thrown;
  thrown.requestId ??= requestId ?? null;
  thrown.idempotencyKey ??= idempotencyKey ?? null;
  return thrown;
}

/** A callback's own failure may be one of our errors, of another call or shared by several. */
export async function callback<T>(act: () => T): Promise<Awaited<T>> {
  try {
    return await act();
  } catch (thrown) {
    if (typeof thrown === "object" && thrown !== null) callers.add(thrown);
    throw thrown;
  }
}
