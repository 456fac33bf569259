/** The progress that a model prints into its log, for providers that report it nowhere else. */

const LOG_TAIL = 4096;

/**
 * The share in the last progress bar; null without one. Only the bars of tqdm count, because any other percentage may be
 * about something else. tqdm rewrites its line with `\r`, so one line may contain many bars.
 */
export function progressIn(log: string): number | null {
  const percent = [...log.slice(-LOG_TAIL).matchAll(/(?<![\d.])(\d{1,3})%\|/g)].at(-1)?.[1];
  return percent === undefined ? null : Math.min(Number(percent), 100) / 100;
}
