import { type Job, shownShare } from "./job.js";

/** The progress bar of tqdm, which most models print while they work. */

const STEPS = 10;

export interface ProgressLine {
  text: string;
  /** When the model printed it. */
  at: number;
}

const clock = (seconds: number): string =>
  [Math.floor(seconds / 60), Math.floor(seconds % 60)].map((part) => String(part).padStart(2, "0")).join(":");

function line(job: Job, share: number): string {
  const shown = shownShare(job, share);
  const step = Math.round(shown * STEPS);
  const percent = String(Math.round(shown * 100)).padStart(3);
  const bar = "█".repeat(step).padEnd(STEPS);
  const seconds = job.renderMs / 1000;
  return `${percent}%|${bar}| ${step}/${STEPS} [${clock(seconds * share)}<${clock(seconds * (1 - shown))}]`;
}

/** One line for each tenth of the work that is done. `share`: how much of it, from 0 to 1. */
export function progressLines(job: Job, share: number): ProgressLine[] {
  const startsAt = job.submittedAt + job.queueMs;
  return Array.from({ length: Math.floor(share * STEPS) + 1 }, (_, step) => ({
    text: line(job, step / STEPS),
    at: startsAt + (job.renderMs * step) / STEPS,
  }));
}
