/** One call of the API: its headers, its time limit, its retries. */
import { abortErrorOf, openAbortScope, untilAborted } from "./abort-scope.js";
import { isHeaderSafe, type Settings } from "./client-options.js";
import { AuthenticationError, ConnectionError, VisgateError } from "./errors.js";
import {
  type ExpectedResponse,
  type ExpectedText,
  errorOfResponse,
  readResponse,
  readTextResponse,
} from "./response.js";
import { createCallRetries, mayHaveBeenProcessed } from "./retry.js";
import type { Runtime } from "./runtime.js";
import { toWire } from "./wire-format.js";

export interface Call extends ExpectedResponse {
  /** GET unless given. */
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the API's base URL; its segments are already encoded. */
  path: string;
  /** In camelCase; fields that are undefined or null are not sent. */
  query?: object;
  /** JSON: see `requestBody`; or a form, whose type the runtime sets with its boundary. */
  body?: string | FormData;
  headers?: Record<string, string>;
  /** Sends the caller's own provider keys along. */
  withProviderKeys?: boolean;
  /** False when sending the call twice would act twice and no key tells the gateway so; true unless given. */
  idempotent?: boolean;
  /** During an outage the call is tried again for this long, beyond `maxRetries`; 0 unless given. */
  outageMs?: number;
  /** The client's option unless given. */
  maxRetries?: number;
  signal?: AbortSignal | undefined;
  /**
   * Interprets the final error after an earlier try whose answer was lost: REQUEST_NOT_FOUND of a DELETE may mean that
   * the earlier try deleted the request. Returns the result of the call, or null to throw the error.
   */
  afterLostTry?: (error: VisgateError) => unknown;
  /** Once it is aborted, the call is tried again only if an earlier try may have reached the gateway. */
  givenUp?: AbortSignal | undefined;
}

/** A call of whose answer only one field is wanted. */
export interface FieldCall extends Call {
  field: string;
  /** The type of the field's value; "array" unless given. */
  type?: string;
}

export interface Http {
  readonly settings: Settings;
  readonly runtime: Runtime;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
  /** The body of the answer, in camelCase. */
  json<T>(call: Call): Promise<T>;
  /** One field of the answer's body. */
  field<T>(call: FieldCall): Promise<T>;
  /** The body of the answer as text. */
  text(call: Call, expected: ExpectedText): Promise<string>;
  /** The response with its body unread, for streams: time limit and signal end with its headers. */
  open(call: Call): Promise<Response>;
}

type Tools = Pick<Http, "settings" | "runtime" | "closed">;
type Try<T> = (call: Call, signal: AbortSignal) => Promise<T>;

export function createHttp(tools: Tools): Http {
  const read: Try<unknown> = async (call, signal) =>
    readResponse(await send(tools, call, signal), call, tools.runtime.now());
  const json = async <T>(call: Call) => (await withRetries(tools, call, read)) as T;
  return {
    ...tools,
    json,
    field: async <T>({ field, type = "array", ...call }: FieldCall) =>
      (await json<Record<string, T>>({ ...call, expected: { [field]: type } }))[field] as T,
    text: (call, expected) =>
      withRetries(tools, call, async (one, signal) =>
        readTextResponse(await send(tools, one, signal), expected, tools.runtime.now()),
      ),
    open: (call) => withRetries(tools, call, (one, signal) => open(tools, one, signal)),
  };
}

async function open(tools: Tools, call: Call, signal: AbortSignal): Promise<Response> {
  const response = await send(tools, call, signal);
  if (!response.ok) throw await errorOfResponse(response, tools.runtime.now());
  return response;
}

async function withRetries<T>(tools: Tools, call: Call, tryOnce: Try<T>): Promise<T> {
  const { settings, runtime, closed } = tools;
  const { idempotent = true, maxRetries = settings.maxRetries } = call;
  const outageMs = Math.min(call.outageMs ?? 0, settings.timeoutMs);
  const delayAfter = createCallRetries({ idempotent, maxRetries, outageMs }, runtime);
  const whole = openAbortScope([call.signal, closed]);
  const untilGivenUp = openAbortScope([whole.signal, call.givenUp]);
  let wasAnswerLost = false;
  try {
    for (;;) {
      try {
        return await withTimeLimit(tools, call, whole.signal, tryOnce);
      } catch (thrown) {
        const error = thrown as VisgateError;
        const delayMs = delayAfter(error);
        const result = wasAnswerLost && delayMs === null ? await call.afterLostTry?.(error) : null;
        if (result) return result as T;
        if (delayMs === null) throw error;
        wasAnswerLost ||= mayHaveBeenProcessed(error);
        await runtime.sleep(delayMs, (wasAnswerLost ? whole : untilGivenUp).signal);
      }
    }
  } finally {
    untilGivenUp.close();
    whole.close();
  }
}

/** Every failure of one try comes out as a VisgateError. */
async function withTimeLimit<T>({ settings }: Tools, call: Call, outer: AbortSignal, tryOnce: Try<T>): Promise<T> {
  const { timeoutMs: ms } = settings;
  const { signal, close } = openAbortScope([outer], {
    ms,
    message: `${call.method ?? "GET"} ${call.path} took longer than ${ms} ms.`,
  });
  try {
    return await untilAborted(signal, tryOnce(call, signal));
  } catch (thrown) {
    if (signal.aborted) throw abortErrorOf(signal);
    throw thrown instanceof VisgateError ? thrown : connectionError(thrown);
  } finally {
    close();
  }
}

async function tokenOf({ token }: Settings): Promise<string | null> {
  const failed = (message: string, cause?: unknown) =>
    new AuthenticationError({ message, errorCode: "AUTHENTICATION_ERROR", retryable: cause !== undefined, cause });
  const value = await Promise.resolve()
    .then(token)
    .catch((thrown: unknown) =>
      Promise.reject(failed("getToken failed: see the cause of this error.", thrown ?? null)),
    );
  if (value !== null && !isHeaderSafe(value)) {
    throw failed("getToken must return printable ASCII without spaces or line ends.");
  }
  return value;
}

async function send({ settings }: Tools, call: Call, signal: AbortSignal): Promise<Response> {
  const { body } = call;
  const token = await tokenOf(settings);
  // Browsers require that `fetch` is called as a function, not as a method of `settings`.
  const { fetch } = settings;
  try {
    return await fetch(settings.base + call.path + queryText(call.query), {
      method: call.method ?? "GET",
      headers: {
        Accept: "application/json",
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(typeof body === "string" ? { "Content-Type": "application/json" } : {}),
        ...(call.withProviderKeys === true ? settings.providerKeys : {}),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body }),
      // A redirect would carry the caller's keys to another server.
      redirect: "manual",
      signal,
    });
  } catch (thrown) {
    // A VisgateError that a caller's `fetch` throws belongs to another call, so it becomes the cause as well.
    throw connectionError(thrown);
  }
}

function queryText(query: object = {}): string {
  const entries = Object.entries(toWire(query))
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, String(value)] as [string, string]);
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`;
}

/** `fetch` throws a TypeError for every failure; Node puts the reason into its cause. */
function connectionError(thrown: unknown): ConnectionError {
  const { cause } = (thrown ?? {}) as { cause?: { code?: unknown } };
  const code = typeof cause?.code === "string" ? ` (${cause.code})` : "";
  const message = `No answer from the gateway${code}: check the base URL, and that the gateway is running.`;
  return new ConnectionError({ message, errorCode: "CONNECTION_ERROR", retryable: true, cause: thrown });
}
