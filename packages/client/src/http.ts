/** One call of the API: its headers, its time limit, its retries. */
import { type Expected, errorOf, readAnswer } from "./answer.js";
import { toWire } from "./case.js";
import { AuthenticationError, ConnectionError, VisgateError } from "./errors.js";
import { isHeaderSafe, type Settings } from "./options.js";
import { createRetries, mayHaveBeenDone } from "./retry.js";
import type { Runtime } from "./runtime.js";
import { openScope, reasonOf, until } from "./scope.js";

export interface Call extends Expected {
  /** GET unless given. */
  method?: "POST" | "PATCH" | "DELETE";
  /** Below the API's base, its parts already encoded. */
  path: string;
  /** In camelCase; what is undefined or null is left out. */
  query?: object;
  /** JSON: see `jsonText`. */
  body?: string;
  headers?: Record<string, string>;
  /** The caller's own provider keys go along. */
  withProviderKeys?: boolean;
  /** False for what must not be done twice, and cannot be told apart by a key; true unless given. */
  idempotent?: boolean;
  /** Outlasts a gateway that is being restarted: for so many milliseconds it is tried again however often. */
  outageMs?: number;
  maxRetries?: number;
  signal?: AbortSignal | undefined;
  /** After a try that may have done it: what a final error means then, as `REQUEST_NOT_FOUND` of what was to be deleted; null: that error. */
  afterLostTry?: (error: VisgateError) => unknown;
  /** Once it is aborted, the call is tried again only if an earlier try may have begun something. */
  givenUp?: AbortSignal | undefined;
}

/** The one thing that an answer is about. */
export interface Member extends Call {
  name: string;
  /** An array unless given. */
  kind?: string;
}

export interface Http {
  readonly settings: Settings;
  readonly runtime: Runtime;
  /** The client's own end. */
  readonly closed: AbortSignal;
  /** The answer's body in camelCase. */
  json<T>(call: Call): Promise<T>;
  /** One member of the answer's body. */
  member<T>(call: Member): Promise<T>;
  /** The answer as it is, for streams: only its head falls under the time limit, and under the signal. */
  open(call: Call): Promise<Response>;
}

type Tools = Pick<Http, "settings" | "runtime" | "closed">;

export function createHttp(tools: Tools): Http {
  const read: Act<unknown> = async (call, signal) =>
    readAnswer(await send(tools, call, signal), call, tools.runtime.now());
  const json = async <T>(call: Call) => (await withRetries(tools, call, read)) as T;
  return {
    ...tools,
    json,
    member: async <T>({ name, kind = "array", ...call }: Member) =>
      (await json<Record<string, T>>({ ...call, shape: { [name]: kind } }))[name] as T,
    open: (call) => withRetries(tools, call, (one, signal) => open(tools, one, signal)),
  };
}

type Act<T> = (call: Call, signal: AbortSignal) => Promise<T>;

async function open(tools: Tools, call: Call, signal: AbortSignal): Promise<Response> {
  const response = await send(tools, call, signal);
  if (!response.ok) throw await errorOf(response, tools.runtime.now());
  return response;
}

async function withRetries<T>(tools: Tools, call: Call, act: Act<T>): Promise<T> {
  const { settings, runtime, closed } = tools;
  const { idempotent = true, maxRetries = settings.maxRetries } = call;
  const outageMs = Math.min(call.outageMs ?? 0, settings.timeoutMs);
  const delayAfter = createRetries({ idempotent, maxRetries, outageMs }, runtime);
  const whole = openScope([call.signal, closed]);
  const wanted = openScope([whole.signal, call.givenUp]);
  let isLost = false;
  try {
    for (;;) {
      try {
        return await withinLimit(tools, call, whole.signal, act);
      } catch (thrown) {
        const error = thrown as VisgateError;
        const delayMs = delayAfter(error);
        const meaning = isLost && delayMs === null ? await call.afterLostTry?.(error) : null;
        if (meaning) return meaning as T;
        if (delayMs === null) throw error;
        isLost ||= mayHaveBeenDone(error);
        await runtime.sleep(delayMs, (isLost ? whole : wanted).signal);
      }
    }
  } finally {
    wanted.close();
    whole.close();
  }
}

/** Whatever goes wrong comes out as one of our errors. */
async function withinLimit<T>({ settings }: Tools, call: Call, outer: AbortSignal, act: Act<T>): Promise<T> {
  const { timeoutMs: ms } = settings;
  const { signal, close } = openScope([outer], {
    ms,
    message: `${call.method ?? "GET"} ${call.path} took longer than ${ms} ms.`,
  });
  try {
    return await until(signal, act(call, signal));
  } catch (thrown) {
    if (signal.aborted) throw reasonOf(signal);
    throw thrown instanceof VisgateError ? thrown : noAnswer(thrown);
  } finally {
    close();
  }
}

async function tokenOf({ token }: Settings): Promise<string | null> {
  const refuse = (message: string, cause?: unknown) =>
    new AuthenticationError({ message, errorCode: "AUTHENTICATION_ERROR", retryable: cause !== undefined, cause });
  const given = await Promise.resolve()
    .then(token)
    .catch((thrown: unknown) => Promise.reject(refuse("getToken failed; its error is the cause.", thrown ?? null)));
  if (given !== null && !isHeaderSafe(given)) throw refuse("getToken gave no token that a header can carry.");
  return given;
}

async function send({ settings }: Tools, call: Call, signal: AbortSignal): Promise<Response> {
  const { body } = call;
  const token = await tokenOf(settings);
  // Browsers want it called as a function.
  const { fetch } = settings;
  try {
    return await fetch(settings.base + call.path + queryText(call.query), {
      method: call.method ?? "GET",
      headers: {
        Accept: "application/json",
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(call.withProviderKeys === true ? settings.providerKeys : {}),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body }),
      // Keys of a caller's own would go along to wherever it leads.
      redirect: "manual",
      signal,
    });
  } catch (thrown) {
    // Also one of our errors: it is not of this call.
    throw noAnswer(thrown);
  }
}

function queryText(query: object = {}): string {
  const entries = Object.entries(toWire(query))
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, String(value)] as [string, string]);
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`;
}

/** `fetch` throws a TypeError for everything; Node has the reason in its cause. */
function noAnswer(thrown: unknown): ConnectionError {
  const { cause } = (thrown ?? {}) as { cause?: { code?: unknown } };
  const code = typeof cause?.code === "string" ? ` (${cause.code})` : "";
  const message = `No answer from the gateway${code}: check the base URL and that it is running.`;
  return new ConnectionError({ message, errorCode: "CONNECTION_ERROR", retryable: true, cause: thrown });
}
