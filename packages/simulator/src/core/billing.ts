import { type Job, type JobState, jobState, startsAt } from "./job.js";
import type { Ledger } from "./ledger.js";

/** What the control API tells of a job. */
interface JobReport {
  id: string;
  provider: string;
  endpoint: string;
  prompt: string;
  phase: JobState["phase"];
  /** Null until it has ended. */
  outcome: "media" | "failure" | "render_failure" | "cancelled" | null;
  billed: boolean;
}

/**
 * Whether the provider bills the job. In doubt it does: a job under way will be billed, and one that was cancelled after
 * it began may be.
 */
function isBilled(job: Job, state: JobState): boolean {
  const costs = job.plan.billableUnits > 0;
  if (state.phase !== "done") return costs;
  switch (state.outcome.kind) {
    case "media":
      return costs;
    case "failure":
      return state.outcome.failure.isBilled ?? costs;
    case "render_failure":
      return false;
    case "cancelled":
      return costs && state.at > startsAt(job);
  }
}

function report(job: Job, now: number): JobReport {
  const { id, provider, endpoint, prompt } = job;
  const state = jobState(job, now);
  const outcome = state.phase === "done" ? state.outcome.kind : null;
  return { id, provider, endpoint, prompt, phase: state.phase, outcome, billed: isBilled(job, state) };
}

/** Every job accepted since the last reset, in order. */
export function jobReports({ jobs, counted }: Ledger, now: number): JobReport[] {
  return [...jobs.values()].filter(({ id }) => counted.has(id)).map((job) => report(job, now));
}
