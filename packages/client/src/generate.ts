/**
 * A generation: submitted at once under an idempotency key that all retries share, then waited for. So a cut
 * connection, at whatever moment, costs another question and never another generation.
 */

import { unexpected } from "./answer.js";
import { VisgateError } from "./errors.js";
import type { Call, Http } from "./http.js";
import { jsonText } from "./json-text.js";
import { wrong } from "./options.js";
import { isSegment } from "./paths.js";
import { afterGrace, openScope, reasonOf } from "./scope.js";
import { fits, type Shape } from "./shape.js";
import { failureOf } from "./status.js";
import { type Known, tag } from "./tag.js";
import type { Acknowledgement, RequestStatus } from "./types.generated.js";
import { cancelQuietly, waitForEnd } from "./wait-for-end.js";
import { checkWaiting, type WaitOptions, waitLimitMs } from "./wait-options.js";

/** How long a submit under way may still take when the caller gives up, so that what it began can be cancelled. */
const GRACE_MS = 5000;
/** Spaces around it would be lost on the way: the gateway would know another key. */
const KEY = /^(?! )[\x20-\x7e]{1,255}(?<! )$/;
/** A deploy of the gateway. */
const OUTAGE_MS = 30_000;

/** The gateway knows a key for 24 hours; the same call later would be another generation. */
const KEY_KEPT_MS = 23 * 3_600_000;

export interface GenerateOptions extends WaitOptions {
  /** At most 255 characters of ASCII, without spaces around; kept 24 hours: calls with the same key and content are one generation. Made up unless given. */
  idempotencyKey?: string | undefined;
}

/** A request that was accepted. */
export interface GenerationRequest<Result> extends Acknowledgement {
  /** Waits for the result; fails as the generation does. */
  wait(options?: WaitOptions): Promise<Result>;
}

export interface Generation<Result> {
  path: string;
  query?: object;
  /** In camelCase. */
  body: object & { deadlineSeconds?: number | null | undefined };
  /** What the caller gets of a request that has completed. */
  result(completed: Completed): Result | Promise<Result>;
}

export interface Completed {
  status: RequestStatus;
  /** The same call once more, under the same key: the gateway answers for the same request, in full. */
  replay<T>(shape: Shape): Promise<T>;
}

/** What goes to the gateway, and what is about the wait for it. */
export function splitOptions<Options extends GenerateOptions>(options: Options) {
  const { timeout, pollInterval, signal, cancelOnAbort, onProgress, idempotencyKey, ...fields } = options;
  const waiting = { timeout, pollInterval, signal, cancelOnAbort, onProgress, idempotencyKey } as GenerateOptions;
  return { fields, waiting };
}

export async function generate<Result>(http: Http, generation: Generation<Result>, options: GenerateOptions) {
  const started = http.runtime.now();
  const request = await submit(http, generation, options);
  const total = waitLimitMs(options.timeout, generation.body.deadlineSeconds);
  return request.wait({ ...options, timeout: Math.max(0, total - (http.runtime.now() - started)) });
}

export async function submit<Result>(
  http: Http,
  generation: Generation<Result>,
  options: GenerateOptions,
): Promise<GenerationRequest<Result>> {
  const idempotencyKey = options.idempotencyKey ?? http.runtime.newIdempotencyKey();
  if (typeof idempotencyKey !== "string" || !KEY.test(idempotencyKey)) {
    throw wrong("idempotencyKey", "1 to 255 characters of ASCII without spaces around");
  }
  const { deadlineSeconds } = generation.body;
  const call = await tagged({ idempotencyKey }, async () => {
    checkWaiting({ ...options, deadlineSeconds });
    return callOf(generation);
  });
  const headers = { "Idempotency-Key": idempotencyKey };
  const send = (until: Until) =>
    http.json<Acknowledgement>({ ...call, headers: { ...headers, Prefer: "respond-async" }, ...until });
  const accepted = await tagged({ idempotencyKey }, () => submitUntil(http, send, options));

  // By this clock or by the gateway's, whichever says earlier; a key of the caller's own may have been sent before.
  const acceptedAt = http.runtime.now();
  const bornAt = Math.min(acceptedAt, Date.parse(accepted.createdAt) || acceptedAt);

  const { requestId } = accepted;
  const wait = (waiting: WaitOptions = {}) =>
    tagged({ idempotencyKey, requestId }, async () => {
      checkWaiting(waiting);
      const until = http.runtime.now() + waitLimitMs(waiting.timeout, deadlineSeconds);
      const left = () => Math.max(0, until - http.runtime.now());
      const status = await waitForEnd(http, requestId, { ...waiting, timeout: left() });
      if (status.status === "failed") throw failureOf(status);
      const replay = <T>(shape: Shape) =>
        replayOf<T>(http, { ...call, headers }, { ...waiting, shape, timeout: left(), requestId, bornAt });
      return generation.result({ status, replay });
    });
  return { ...accepted, wait };
}

function callOf({ path, query, body }: Generation<unknown>): Call {
  return {
    method: "POST",
    path,
    // The replay must say what the first call said, whatever the caller does with `params` meanwhile.
    body: jsonText(body),
    withProviderKeys: true,
    outageMs: OUTAGE_MS,
    ...(query === undefined ? {} : { query }),
  };
}

type Replay = WaitOptions & { shape: Shape; requestId: string; bornAt: number; timeout: number };

async function replayOf<T>(http: Http, call: Call, options: Replay): Promise<T> {
  const { shape, requestId, bornAt, timeout, signal } = options;
  const message = `The result of request ${requestId} was not answered in time. It is kept: ask again.`;
  const scope = openScope([signal, http.closed], { ms: timeout, message });
  try {
    if (http.runtime.now() - bornAt > KEY_KEPT_MS) throw tooOld(requestId);
    const answer = await http.json<Record<string, unknown>>({ ...call, signal: scope.signal });
    if (answer["id"] !== requestId) throw tooOld(requestId);
    if (!fits(answer, shape)) throw unexpected();
    return answer as T;
  } finally {
    scope.close();
  }
}

function tooOld(requestId: string): VisgateError {
  const message = `Request ${requestId} is too old for its full result: client.requests.get has its output URLs.`;
  return new VisgateError({ message, errorCode: "RESULT_GONE", details: { request_id: requestId } });
}

type Until = Pick<Call, "signal" | "givenUp">;
type Send = (until: Until) => Promise<Acknowledgement>;

/** Within the caller's signal and time; with `cancelOnAbort` a little longer, to know what to cancel. */
async function submitUntil(http: Http, send: Send, options: GenerateOptions): Promise<Acknowledgement> {
  const ms = waitLimitMs(options.timeout);
  const message = `The call was not answered within ${ms} ms. Repeat it with the same idempotencyKey: nothing is made twice.`;
  const scope = openScope([options.signal, http.closed], { ms, message });
  const later = afterGrace(scope.signal, options.cancelOnAbort === true ? GRACE_MS : 0);
  try {
    if (scope.signal.aborted) throw reasonOf(scope.signal);
    const accepted = await send({ signal: later.signal, givenUp: scope.signal }).catch(mayBeAccepted);
    // A server that answers with the result at once names it by its id alone.
    const requestId = accepted.requestId ?? accepted.id;
    if (!isSegment(requestId)) return mayBeAccepted(unexpected());
    if (!scope.signal.aborted) return { ...accepted, requestId };
    await cancelQuietly(http, requestId);
    throw tag(reasonOf(scope.signal), { requestId });
  } finally {
    later.close();
    scope.close();
  }
}

/** An answer that is not the gateway's, but no refusal: the same call under the same key tells. */
function mayBeAccepted(error: VisgateError): never {
  const isRefusal = (error.statusCode ?? 0) >= 300;
  if (error.errorCode === "UNEXPECTED_ANSWER" && !isRefusal) error.retryable = true;
  throw error;
}

/** Errors of a generation call carry its key, and the request's id once that is known. */
async function tagged<T>(known: Known, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw tag(thrown, known);
  }
}
