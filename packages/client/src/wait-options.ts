/** The options of a wait. They are checked before anything is sent. */
import { invalidOption } from "./errors.js";
import type { RequestStatus } from "./types.generated.js";

/** The gateway ends every request by its deadline: 1,800 s unless given. */
const DEFAULT_DEADLINE_SECONDS = 1800;
/** Time for the answer to arrive after the deadline. */
const SLACK_SECONDS = 60;

export interface WaitOptions {
  /** Milliseconds to wait for the end; one minute more than the request's deadline unless given. */
  timeout?: number | undefined;
  /** Milliseconds between two polls when the gateway cannot hold a poll until the request ends; 2,000 unless given. */
  pollInterval?: number | undefined;
  /** Ends the wait when it is aborted. The request continues at the gateway, unless `cancelOnAbort`. */
  signal?: AbortSignal | undefined;
  /** Cancels the request at the gateway when `signal` is aborted or `timeout` is reached; false unless given. */
  cancelOnAbort?: boolean | undefined;
  /** Called with the current status and again after each change of status, progress or queue position; awaited. */
  onProgress?: ((status: RequestStatus) => unknown) | undefined;
}

type CheckedOptions = WaitOptions & { deadlineSeconds?: number | null | undefined };

/** @throws ValidationError naming the first option that is not valid */
export function checkWaitOptions(options: CheckedOptions): void {
  const { timeout, pollInterval, deadlineSeconds, signal, cancelOnAbort, onProgress } = options;
  check("timeout", "milliseconds from 0", isAmount(timeout));
  check("pollInterval", "milliseconds from 0", isAmount(pollInterval));
  check("deadline_seconds", "seconds from 0", deadlineSeconds === null || isAmount(deadlineSeconds));
  check("cancelOnAbort", "true or false", /undefined|boolean/.test(typeof cancelOnAbort));
  check("onProgress", "a function", /undefined|function/.test(typeof onProgress));
  checkSignal(signal);
}

export function checkSignal(signal: AbortSignal | undefined): void {
  // No `instanceof`: a signal of another library or realm works as well.
  check("signal", "an AbortSignal", signal === undefined || typeof signal?.addEventListener === "function");
}

function isAmount(value: unknown): boolean {
  return value === undefined || (Number.isFinite(value) && (value as number) >= 0);
}

function check(field: string, takes: string, isValid: boolean): void {
  if (!isValid) throw invalidOption(field, takes);
}

/** Milliseconds that a wait may take in all. */
export function waitLimitMs(timeout: number | undefined, deadlineSeconds?: number | null): number {
  return timeout ?? ((deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) + SLACK_SECONDS) * 1000;
}
