/**
 * A generation: first submitted with an idempotency key that all its retries share, then waited for. The submit is
 * answered in milliseconds, so a broken connection costs another poll and never another generation.
 */
import { abortErrorOf, openAbortScope, openGracePeriod } from "./abort-scope.js";
import { addContext, withContext } from "./error-context.js";
import { invalidOption, VisgateError } from "./errors.js";
import type { Call, Http } from "./http.js";
import { isSegment } from "./paths.js";
import { failureOf } from "./request-outcome.js";
import { unexpectedAnswer } from "./response.js";
import type { Acknowledgement, RequestStatus } from "./types.generated.js";
import { tryToCancel, waitForEnd } from "./wait-for-end.js";
import { checkWaitOptions, type WaitOptions, waitLimitMs } from "./wait-options.js";
import { type ExpectedFields, hasFields, requestBody } from "./wire-format.js";

/** When the caller gives up during a submit, the client waits this long for the request's id, to cancel it. */
const CANCEL_GRACE_MS = 5000;
/** No space at either end: HTTP would strip it, and the gateway would see another key. */
const IDEMPOTENCY_KEY = /^(?! )[\x20-\x7e]{1,255}(?<! )$/;
/** Long enough for a restart of the gateway during a deploy. */
const OUTAGE_MS = 30_000;
/** The gateway keeps a key for 24 hours; one hour is left for clocks that differ. Later, a replay would be billed. */
const REPLAYABLE_MS = 23 * 3_600_000;

export interface GenerateOptions extends WaitOptions {
  /**
   * 1 to 255 characters of ASCII without spaces at the ends; a new UUID unless given. Calls with the same key and the
   * same content within 24 hours are one generation.
   */
  idempotencyKey?: string | undefined;
}

/** A request that the gateway has accepted. */
export interface GenerationRequest<Result> extends Acknowledgement {
  /** Waits for the result. @throws the error of the generation when it fails, or TimeoutError; the request continues */
  wait(options?: WaitOptions): Promise<Result>;
}

export interface Generation<Result> {
  path: string;
  query?: object;
  /** In camelCase. */
  body: object & { deadlineSeconds?: number | null | undefined };
  /** Makes the result of a completed request. */
  result(completed: Completed): Result | Promise<Result>;
}

export interface Completed {
  status: RequestStatus;
  /** Sends the same call again under the same key: the gateway answers with the full result of the same request. */
  replay<T>(expected: ExpectedFields): Promise<T>;
}

/** Separates what is sent to the gateway from the options of the wait. */
export function splitOptions<Options extends GenerateOptions>(options: Options) {
  const { timeout, pollInterval, signal, cancelOnAbort, onProgress, idempotencyKey, ...fields } = options;
  const waiting = { timeout, pollInterval, signal, cancelOnAbort, onProgress, idempotencyKey } as GenerateOptions;
  return { fields, waiting };
}

/** Submits, waits and returns the result. The time limit holds for both together. */
export async function generate<Result>(http: Http, generation: Generation<Result>, options: GenerateOptions) {
  const startedAt = http.runtime.now();
  const request = await submit(http, generation, options);
  const limitMs = waitLimitMs(options.timeout, generation.body.deadlineSeconds);
  return request.wait({ ...options, timeout: Math.max(0, limitMs - (http.runtime.now() - startedAt)) });
}

export async function submit<Result>(
  http: Http,
  generation: Generation<Result>,
  options: GenerateOptions,
): Promise<GenerationRequest<Result>> {
  const idempotencyKey = options.idempotencyKey ?? http.runtime.newIdempotencyKey();
  if (typeof idempotencyKey !== "string" || !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    throw invalidOption("idempotencyKey", "1 to 255 characters of ASCII without spaces at the ends");
  }
  const { deadlineSeconds } = generation.body;
  const call = await withContext({ idempotencyKey }, async () => {
    checkWaitOptions({ ...options, deadlineSeconds });
    return callOf(generation);
  });
  const headers = { "Idempotency-Key": idempotencyKey };
  const send = (signals: Signals) =>
    http.json<Acknowledgement>({ ...call, headers: { ...headers, Prefer: "respond-async" }, ...signals });
  const accepted = await withContext({ idempotencyKey }, () => submitWithin(http, send, options));

  // The earlier of the two clocks: a key that the caller chose may have been sent before.
  const acceptedAt = http.runtime.now();
  const createdAt = Math.min(acceptedAt, Date.parse(accepted.createdAt) || acceptedAt);

  const { requestId } = accepted;
  const wait = (waiting: WaitOptions = {}) =>
    withContext({ idempotencyKey, requestId }, async () => {
      checkWaitOptions(waiting);
      const endsAt = http.runtime.now() + waitLimitMs(waiting.timeout, deadlineSeconds);
      const remainingMs = () => Math.max(0, endsAt - http.runtime.now());
      const status = await waitForEnd(http, requestId, { ...waiting, timeout: remainingMs() });
      if (status.status === "failed") throw failureOf(status);
      const replay = <T>(expected: ExpectedFields) => {
        const replayed = { ...waiting, expected, timeout: remainingMs(), requestId, createdAt };
        return replayCall<T>(http, { ...call, headers }, replayed);
      };
      return generation.result({ status, replay });
    });
  return { ...accepted, wait };
}

function callOf({ path, query, body }: Generation<unknown>): Call {
  return {
    method: "POST",
    path,
    // As text from now on: the replay must send what the submit sent, even if the caller changes `params` meanwhile.
    body: requestBody(body),
    withProviderKeys: true,
    outageMs: OUTAGE_MS,
    ...(query === undefined ? {} : { query }),
  };
}

type Replay = WaitOptions & { expected: ExpectedFields; requestId: string; createdAt: number; timeout: number };

async function replayCall<T>(http: Http, call: Call, options: Replay): Promise<T> {
  const { expected, requestId, createdAt, timeout, signal } = options;
  const message = `The result of request ${requestId} did not arrive within the time limit. Ask for it again.`;
  const scope = openAbortScope([signal, http.closed], { ms: timeout, message });
  try {
    if (http.runtime.now() - createdAt > REPLAYABLE_MS) throw resultGone(requestId);
    const answer = await http.json<Record<string, unknown>>({ ...call, signal: scope.signal });
    if (answer["id"] !== requestId) throw resultGone(requestId);
    if (!hasFields(answer, expected)) throw unexpectedAnswer();
    return answer as T;
  } finally {
    scope.close();
  }
}

function resultGone(requestId: string): VisgateError {
  const message = `The full result of request ${requestId} is no longer kept: client.requests.get has its output URLs.`;
  return new VisgateError({ message, errorCode: "RESULT_GONE", details: { request_id: requestId } });
}

type Signals = Pick<Call, "signal" | "givenUp">;
type Send = (signals: Signals) => Promise<Acknowledgement>;

/**
 * Submits within the caller's signal and time limit. With `cancelOnAbort` it waits a little longer for the
 * request's id, to cancel the request.
 */
async function submitWithin(http: Http, send: Send, options: GenerateOptions): Promise<Acknowledgement> {
  const ms = waitLimitMs(options.timeout);
  const message =
    `The gateway did not answer within ${ms} ms. Repeat the call with the same idempotencyKey: ` +
    "nothing is generated twice.";
  const scope = openAbortScope([options.signal, http.closed], { ms, message });
  const grace = openGracePeriod(scope.signal, options.cancelOnAbort === true ? CANCEL_GRACE_MS : 0);
  try {
    if (scope.signal.aborted) throw abortErrorOf(scope.signal);
    const accepted = await send({ signal: grace.signal, givenUp: scope.signal }).catch(markIfMaybeAccepted);
    // A server that ignores `Prefer` answers with the result, which has the id under another name.
    const requestId = accepted.requestId ?? accepted.id;
    if (!isSegment(requestId)) return markIfMaybeAccepted(unexpectedAnswer());
    if (!scope.signal.aborted) return { ...accepted, requestId };
    await tryToCancel(http, requestId);
    throw addContext(abortErrorOf(scope.signal), { requestId });
  } finally {
    grace.close();
    scope.close();
  }
}

/** After an unreadable answer that is no refusal, the request may exist: the same call under the same key finds out. */
function markIfMaybeAccepted(error: VisgateError): never {
  const isRefusal = (error.statusCode ?? 0) >= 300;
  if (error.errorCode === "UNEXPECTED_ANSWER" && !isRefusal) error.retryable = true;
  throw error;
}
