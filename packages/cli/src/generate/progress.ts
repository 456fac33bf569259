/** The progress bar on stderr, where that is a terminal. */
import type { RequestStatus } from "@visgate_ai/client";
import { SingleBar } from "cli-progress";
import type { Io } from "../screen/io.js";

/** Where the provider tells no progress, the bar creeps along by this time, ever slower. */
const CREEP_SECONDS = 60;
const FEWEST_CELLS = 10;
const MOST_CELLS = 30;
/** What is beside the bar. */
const TEXT_COLUMNS = 45;

export type Shown = Pick<RequestStatus, "status" | "progress" | "queuePosition">;

export interface Progress {
  readonly isShown: boolean;
  show(status: Shown): void;
  /** Takes the bar away. */
  stop(): void;
}

const SILENT: Progress = { isShown: false, show() {}, stop() {} };

export function createProgress({ stderr, env, now }: Io, { quiet }: { quiet: boolean }): Progress {
  if (quiet || env.isDumb || stderr.isTTY !== true) return SILENT;
  const beganMs = now();
  let shown: Shown = { status: "pending", progress: null, queuePosition: null };
  const bar = new SingleBar({
    format: () => progressLine(shown, { seconds: (now() - beganMs) / 1000, columns: stderr.columns ?? 80 }),
    stream: stderr,
    clearOnComplete: true,
    // Lines are cut here; a terminal that is left in the middle keeps its own way of wrapping.
    linewrap: true,
    gracefulExit: false,
    // The position of the moment is all there is to an estimate.
    etaBuffer: 1,
  });
  bar.start(1, 0);
  return {
    isShown: true,
    show(status) {
      shown = status;
    },
    stop: () => bar.stop(),
  };
}

/** One line: the bar, percent if the provider tells it, what is going on, seconds since the start. */
export function progressLine(
  { status, progress, queuePosition }: Shown,
  { seconds, columns }: { seconds: number; columns: number },
): string {
  const cells = Math.max(FEWEST_CELLS, Math.min(MOST_CELLS, columns - TEXT_COLUMNS));
  const share = status === "processing" && queuePosition === null ? (progress ?? creep(seconds)) : (progress ?? 0);
  const full = Math.round(Math.min(1, share) * cells);
  const percent = progress === null ? "" : `${Math.round(progress * 100)} % `;
  const place = queuePosition === null ? "" : ` (queue position ${queuePosition})`;
  return `${"█".repeat(full)}${"░".repeat(cells - full)} ${percent}${status}${place} ${Math.floor(seconds)} s`;
}

const creep = (seconds: number): number => 0.95 * (1 - Math.exp(-seconds / CREEP_SECONDS));
