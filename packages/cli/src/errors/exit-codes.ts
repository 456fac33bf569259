/** What the program ends with, for scripts. */

export const EXIT = { ok: 0, failed: 1, usage: 2, unauthorized: 3, timeout: 124, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0    done
  1    the request failed, the gateway or a provider refused or could not be reached, a check of doctor is at fault
  2    wrong usage: nothing was done
  3    the key is missing, unknown or revoked
  124  the time (--timeout) was over; if a request id was printed, that request goes on at the gateway
  130  Ctrl-C (of webhook listen it is the usual end: 0)`;
