/** Adds to an error which request and which idempotency key it is about. Errors of the caller's code stay unchanged. */
import { VisgateError } from "./errors.js";

export interface ErrorContext {
  requestId?: string;
  idempotencyKey?: string;
}

const errorsOfCallbacks = new WeakSet<object>();

/** Fills in what the error does not say itself; returns what was thrown. */
export function addContext(thrown: unknown, { requestId, idempotencyKey }: ErrorContext): unknown {
  if (!(thrown instanceof VisgateError) || errorsOfCallbacks.has(thrown)) return thrown;
  thrown.requestId ??= requestId ?? null;
  thrown.idempotencyKey ??= idempotencyKey ?? null;
  return thrown;
}

/** Runs `act`; its errors get the context. */
export async function withContext<T>(context: ErrorContext, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw addContext(thrown, context);
  }
}

/** Runs a caller's callback. A VisgateError that it throws may belong to another call, so it gets no context. */
export async function runCallback<T>(callback: () => T): Promise<Awaited<T>> {
  try {
    return await callback();
  } catch (thrown) {
    if (typeof thrown === "object" && thrown !== null) errorsOfCallbacks.add(thrown);
    throw thrown;
  }
}
