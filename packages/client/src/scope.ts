/** What may end a piece of work early: the caller's signal, the client's end, a time limit. Its reason is our error. */
import { join, leave } from "./abort-listeners.js";
import { AbortError, TimeoutError, type VisgateError } from "./errors.js";

export interface Scope {
  signal: AbortSignal;
  /** Lets go of the timer and of the signals it listened to. */
  close(): void;
}

export interface Limit {
  ms: number;
  /** What was not done in time, for the message. */
  message: string;
}

/** Of scopes: their reason is an error of this one call, to be thrown as it is. */
const own = new WeakSet<AbortSignal>();

export function openScope(signals: readonly (AbortSignal | undefined)[], limit?: Limit): Scope {
  const controller = newOwn();
  const parents = signals.filter((signal) => signal !== undefined);
  const follow = () => controller.abort(reasonOf(parents.find((signal) => signal.aborted)));
  const timer = limit && setTimeout(() => controller.abort(timedOut(limit.message)), timerMs(limit.ms));
  for (const parent of parents) join(parent, follow);
  if (parents.some((signal) => signal.aborted)) follow();
  return {
    signal: controller.signal,
    close() {
      clearTimeout(timer);
      for (const parent of parents) leave(parent, follow);
    },
  };
}

/** Timers take no more than 24.8 days; what is longer would end at once. */
const timerMs = (ms: number) => Math.min(ms, 2 ** 31 - 1);

/** As `work` ends, but not after `signal`: what is handed in (`fetch`, `getToken`) may not listen to it. */
export function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf(signal));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Ends `ms` after `signal` is aborted, for the same reason. */
export function afterGrace(signal: AbortSignal, ms: number): Scope {
  const controller = newOwn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => controller.abort(reasonOf(signal));
  const begin = () => {
    if (ms === 0) return end();
    timer = setTimeout(end, ms);
  };
  signal.addEventListener("abort", begin);
  return {
    signal: controller.signal,
    close() {
      clearTimeout(timer);
      signal.removeEventListener("abort", begin);
    },
  };
}

function newOwn(): AbortController {
  const controller = new AbortController();
  own.add(controller.signal);
  return controller;
}

/** Why `signal` was aborted, as the error to throw. A caller's reason may be shared by many calls: it is the cause. */
export function reasonOf(signal: AbortSignal | undefined): VisgateError {
  const cause: unknown = signal?.reason;
  if (signal !== undefined && own.has(signal)) return cause as VisgateError;
  return new AbortError({ message: "The call was aborted.", errorCode: "ABORTED", cause });
}

function timedOut(message: string): TimeoutError {
  return new TimeoutError({ message, errorCode: "CLIENT_TIMEOUT", retryable: true });
}

/** Rejects with the signal's error when it is aborted before. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, timerMs(ms));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
