/** What can end a piece of work early: the caller's signal, the closing of the client, or a time limit. */
import { AbortError, TimeoutError, type VisgateError } from "./errors.js";

export interface AbortScope {
  /** Aborted with the error to throw as its reason. */
  signal: AbortSignal;
  /** Stops the timer and the listeners. */
  close(): void;
}

export interface TimeLimit {
  ms: number;
  /** Message of the TimeoutError. */
  message: string;
}

/** Signals made here: their reason is an error of one call only, and is thrown as it is. */
const ownSignals = new WeakSet<AbortSignal>();

/** Opens a scope that ends with the first of `signals`, or at the time limit. */
export function openAbortScope(signals: readonly (AbortSignal | undefined)[], limit?: TimeLimit): AbortScope {
  const controller = newController();
  const parents = signals.filter((signal) => signal !== undefined);
  const abort = () => controller.abort(abortErrorOf(parents.find((signal) => signal.aborted)));
  const timer = limit && setTimeout(() => controller.abort(timeoutError(limit.message)), timerMs(limit.ms));
  for (const parent of parents) addSharedListener(parent, abort);
  if (parents.some((signal) => signal.aborted)) abort();
  return {
    signal: controller.signal,
    close() {
      clearTimeout(timer);
      for (const parent of parents) removeSharedListener(parent, abort);
    },
  };
}

/** Opens a scope that ends `ms` after `signal` is aborted, for the same reason. */
export function openGracePeriod(signal: AbortSignal, ms: number): AbortScope {
  const controller = newController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => controller.abort(abortErrorOf(signal));
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

function newController(): AbortController {
  const controller = new AbortController();
  ownSignals.add(controller.signal);
  return controller;
}

/** Settles as `work` does, or rejects when `signal` is aborted: a caller's `fetch` or `getToken` may ignore it. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(abortErrorOf(signal));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Rejects with the error of `signal` when that is aborted first. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(abortErrorOf(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, timerMs(ms));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}

/** The error to throw for an aborted signal. A caller's reason may be shared by many calls, so it becomes the cause. */
export function abortErrorOf(signal: AbortSignal | undefined): VisgateError {
  const reason: unknown = signal?.reason;
  if (signal !== undefined && ownSignals.has(signal)) return reason as VisgateError;
  return new AbortError({ message: "The call was aborted.", errorCode: "ABORTED", cause: reason });
}

function timeoutError(message: string): TimeoutError {
  return new TimeoutError({ message, errorCode: "CLIENT_TIMEOUT", retryable: true });
}

/** A timer takes at most 24.8 days; a longer one would fire at once. */
const timerMs = (ms: number) => Math.min(ms, 2 ** 31 - 1);

/** One listener per signal, however many calls share it: Node warns of a leak from the eleventh listener on. */
const sharedListeners = new WeakMap<AbortSignal, Set<() => void>>();

function callAll(this: AbortSignal): void {
  for (const listener of [...(sharedListeners.get(this) ?? [])]) listener();
}

function addSharedListener(signal: AbortSignal, listener: () => void): void {
  const all = sharedListeners.get(signal) ?? new Set();
  sharedListeners.set(signal, all.add(listener));
  signal.addEventListener("abort", callAll);
}

function removeSharedListener(signal: AbortSignal, listener: () => void): void {
  const all = sharedListeners.get(signal);
  all?.delete(listener);
  if (all?.size === 0) signal.removeEventListener("abort", callAll);
}
