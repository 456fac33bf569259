/** What a wait is given, and that it is what it should be: looked at before anything is sent. */
import { wrong } from "./options.js";
import type { RequestStatus } from "./types.generated.js";

/** The gateway ends every request by its deadline, 1,800 s unless given; a minute more for the answer. */
const DEFAULT_DEADLINE_SECONDS = 1800;
const SLACK_SECONDS = 60;

export interface WaitOptions {
  /** Milliseconds to wait for the end; a minute more than the request's deadline unless given. */
  timeout?: number | undefined;
  /** Milliseconds between two polls where the gateway cannot hold the answer; 2,000 unless given. */
  pollInterval?: number | undefined;
  /** Gives up waiting. The request goes on, unless `cancelOnAbort`. */
  signal?: AbortSignal | undefined;
  /** Cancels the request at the gateway when the signal is aborted or the time is over. */
  cancelOnAbort?: boolean | undefined;
  /** Called, and awaited, with the status at once and at each change: status, progress, queue position. */
  onProgress?: ((status: RequestStatus) => unknown) | undefined;
}

type Checked = WaitOptions & { deadlineSeconds?: number | null | undefined };

/** @throws ValidationError naming the first that is wrong */
export function checkWaiting(options: Checked): void {
  const { timeout, pollInterval, deadlineSeconds, signal, cancelOnAbort, onProgress } = options;
  check("timeout", "milliseconds from 0", isAmount(timeout));
  check("pollInterval", "milliseconds from 0", isAmount(pollInterval));
  check("deadline_seconds", "seconds from 0", deadlineSeconds === null || isAmount(deadlineSeconds));
  check("cancelOnAbort", "true or false", /undefined|boolean/.test(typeof cancelOnAbort));
  check("onProgress", "a function", /undefined|function/.test(typeof onProgress));
  checkSignal(signal);
}

export function checkSignal(signal: AbortSignal | undefined): void {
  // Another library's, or another realm's, is one too.
  check("signal", "an AbortSignal", signal === undefined || typeof signal?.addEventListener === "function");
}

function isAmount(value: unknown): boolean {
  return value === undefined || (Number.isFinite(value) && (value as number) >= 0);
}

function check(field: string, takes: string, isRight: boolean): void {
  if (!isRight) throw wrong(field, takes);
}

export function waitLimitMs(timeout: number | undefined, deadlineSeconds?: number | null): number {
  return timeout ?? ((deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) + SLACK_SECONDS) * 1000;
}
