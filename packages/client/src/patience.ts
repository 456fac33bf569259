/** While an accepted request is waited for, a gateway that is away for a while is no reason to give up. */
import type { VisgateError } from "./errors.js";
import type { Http } from "./http.js";
import { backoffMs, isRetryable } from "./retry.js";

export interface Patience {
  /** Something was heard. */
  heard(): void;
  /** Waits before the next try; throws `error` when it is final, or nothing was heard for as long as one call may take. */
  failed(error: VisgateError, signal: AbortSignal): Promise<void>;
}

export function createPatience({ runtime, settings }: Http): Patience {
  let failingSince: number | null = null;
  let attempt = 0;
  return {
    heard() {
      failingSince = null;
      attempt = 0;
    },
    async failed(error, signal) {
      const delayMs = backoffMs(error, { attempt, random: runtime.random });
      failingSince ??= runtime.now();
      const patient = runtime.now() - failingSince < settings.timeoutMs;
      // A `getToken` that failed, too: a call leaves that to the caller, a wait asks again.
      const mayPass = isRetryable(error, true) || (error.retryable && error.statusCode === null);
      if (!mayPass || !patient || delayMs === null) throw error;
      attempt += 1;
      await runtime.sleep(delayMs, signal);
    },
  };
}
