import { endOf, type Job, type JobState, jobState, startsAt } from "./job.js";
import type { Ledger } from "./ledger.js";

/** A job as the control API shows it. */
interface JobReport {
  id: string;
  provider: string;
  endpoint: string;
  prompt: string;
  phase: JobState["phase"];
  /** Null until the job has ended. */
  outcome: "media" | "failure" | "render_failure" | "cancelled" | null;
  billed: boolean;
  /** In ms since the epoch. */
  submitted_at: number;
  /** Null as long as it is not known. */
  ended_at: number | null;
}

/**
 * Whether the provider bills the job. In doubt the answer is yes: a running job will be billed, and a job cancelled
 * after its start may be billed, unless the provider refunds it.
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
      return costs && state.at > startsAt(job) && job.refundsCancelled !== true;
  }
}

function report(job: Job, now: number): JobReport {
  const { id, provider, endpoint, prompt } = job;
  const state = jobState(job, now);
  const outcome = state.phase === "done" ? state.outcome.kind : null;
  const times = { submitted_at: job.submittedAt, ended_at: endOf(job)?.at ?? null };
  return { id, provider, endpoint, prompt, phase: state.phase, outcome, billed: isBilled(job, state), ...times };
}

/** Every job accepted since the last reset, in order. */
export function jobReports({ jobs, counted }: Ledger, now: number): JobReport[] {
  return [...jobs.values()].filter(({ id }) => counted.has(id)).map((job) => report(job, now));
}
