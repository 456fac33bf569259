import { endOf, type Job, startsAt } from "../core/job.js";
import { shownShare } from "../core/progress.js";

const STEPS = 10;

const clock = (seconds: number): string =>
  [Math.floor(seconds / 60), Math.floor(seconds % 60)].map((part) => String(part).padStart(2, "0")).join(":");

/** One line as tqdm, the progress bar of most models, prints it. */
function progressLine(job: Job, share: number): string {
  const shown = shownShare(job, share);
  const step = Math.round(shown * STEPS);
  const percent = String(Math.round(shown * 100)).padStart(3);
  const bar = "█".repeat(step).padEnd(STEPS);
  const seconds = job.renderMs / 1000;
  return `${percent}%|${bar}| ${step}/${STEPS} [${clock(seconds * share)}<${clock(seconds * (1 - shown))}]`;
}

/** What the model has printed by now: its seed, and a line for each tenth of the work that is behind. */
export function logsOf(job: Job, now: number): string {
  const until = Math.min(now, endOf(job)?.at ?? now);
  if (until < startsAt(job)) return "";
  const share = Math.min(1, (until - startsAt(job)) / Math.max(1, job.renderMs));
  const seed = job.plan.kind === "media" ? [`Using seed: ${job.plan.seed}`] : [];
  const steps = Array.from({ length: Math.floor(share * STEPS) + 1 }, (_, step) => progressLine(job, step / STEPS));
  return [...seed, ...steps].join("\n");
}
