/** The progress bar on stderr, if stderr is a terminal. */
import type { RequestStatus } from "@visgate_ai/client";
import { SingleBar } from "cli-progress";
import type { Io } from "./io.js";

/** Without progress from the provider the bar moves ever more slowly: after this time it has reached 60 %. */
const ESTIMATE_SECONDS = 60;
const MIN_CELLS = 10;
const MAX_CELLS = 30;
/** The room for the text beside the bar. */
const TEXT_COLUMNS = 45;

export type ProgressState = Pick<RequestStatus, "status" | "progress" | "queuePosition">;

export interface Progress {
  readonly isShown: boolean;
  show(state: ProgressState): void;
  /** Removes the bar. */
  stop(): void;
}

const HIDDEN: Progress = { isShown: false, show() {}, stop() {} };

export function createProgress({ stderr, env, now }: Io, { quiet }: { quiet: boolean }): Progress {
  if (quiet || env.isDumb || stderr.isTTY !== true) return HIDDEN;
  const startedMs = now();
  let current: ProgressState = { status: "pending", progress: null, queuePosition: null };
  const bar = new SingleBar({
    format: () => progressLine(current, { seconds: (now() - startedMs) / 1000, columns: stderr.columns ?? 80 }),
    stream: stderr,
    clearOnComplete: true,
    // progressLine limits the width. Otherwise cli-progress turns wrapping off, and a killed process leaves it off.
    linewrap: true,
    gracefulExit: false,
    // The line has no estimate of the time left, so one sample is enough.
    etaBuffer: 1,
  });
  bar.start(1, 0);
  return {
    isShown: true,
    show(state) {
      current = state;
    },
    stop: () => bar.stop(),
  };
}

/** One line: the bar, the percentage if the provider reports it, the status, and the seconds since the start. */
export function progressLine(
  { status, progress, queuePosition }: ProgressState,
  { seconds, columns }: { seconds: number; columns: number },
): string {
  const cells = Math.max(MIN_CELLS, Math.min(MAX_CELLS, columns - TEXT_COLUMNS));
  const share = estimatedShare({ status, progress, queuePosition }, seconds);
  const full = Math.round(Math.min(1, share) * cells);
  const percent = progress === null ? "" : `${Math.round(progress * 100)} % `;
  const place = queuePosition === null ? "" : ` (queue position ${queuePosition})`;
  return `${"█".repeat(full)}${"░".repeat(cells - full)} ${percent}${status}${place} ${Math.floor(seconds)} s`;
}

/** How much is done, from 0 to 1: as the provider reports it, otherwise by the `seconds` that have passed. */
export function estimatedShare({ status, progress, queuePosition }: ProgressState, seconds: number): number {
  return progress ?? (status === "processing" && queuePosition === null ? estimate(seconds) : 0);
}

/** Never reaches 1: only the provider knows when it is done. */
const estimate = (seconds: number): number => 0.95 * (1 - Math.exp(-seconds / ESTIMATE_SECONDS));
