import { unitsBilled } from "../core/billing.js";
import { type End, type Job, type JobState, jobState } from "../core/job.js";
import type { Simulation } from "../core/simulation.js";
import { mediaUrl } from "../media/address.js";
import { failureOf } from "./failures.js";
import type { RunwayModel } from "./models.js";

/** The parts of a task's input that its answers need. */
export type TaskDetails = {
  model: RunwayModel;
  /** The most that the task may charge. */
  credits: number;
};

/** How many tasks of one model run at the same time in the simulated tier. */
export const MAX_CONCURRENT = 5;

/** Every task has details: `submit.ts` sets them. */
export const detailsOf = (job: Job): TaskDetails => job.echo as TaskDetails;

export function runwayJobs({ ledger }: Simulation): Job[] {
  return [...ledger.jobs.values()].filter(({ provider }) => provider === "runway");
}

/** What a task takes off the balance: its estimate until it has ended, then its cost. */
export function chargeOf(job: Job, now: number): number {
  const state = jobState(job, now);
  return state.phase === "done" ? unitsBilled(job, state) : detailsOf(job).credits;
}

/** Whether a waiting task is shown as THROTTLED. Only the status differs: every task still starts on time. */
function isThrottled(job: Job, simulation: Simulation): boolean {
  const now = simulation.now();
  const { model } = detailsOf(job);
  const rivals = runwayJobs(simulation).filter((other) => detailsOf(other).model === model);
  return rivals.filter((other) => jobState(other, now).phase === "running").length >= MAX_CONCURRENT;
}

/** The lifetime of an address begins with the answer that contains it. */
function outputOf(job: Job, { url, now }: Simulation): string[] {
  if (job.disasters.output?.name === "output_missing") return [];
  return (job.rendered?.files ?? []).map((_, index) => mediaUrl(job, index, { url, now: now() }));
}

function endFields(job: Job, end: End, simulation: Simulation): Record<string, unknown> {
  const { outcome } = end;
  const cost = { credits: unitsBilled(job, end) };
  if (outcome.kind === "cancelled") return { status: "CANCELLED", cost };
  const failed = failureOf(outcome);
  if (failed) return { status: "FAILED", ...failed, cost };
  return { status: "SUCCEEDED", output: outputOf(job, simulation), cost };
}

function statusFields(job: Job, state: JobState, simulation: Simulation): Record<string, unknown> {
  if (state.phase === "done") return endFields(job, state, simulation);
  const estimatedCost = { credits: detailsOf(job).credits };
  if (state.phase === "running") return { status: "RUNNING", progress: state.progress, estimatedCost };
  return { status: isThrottled(job, simulation) ? "THROTTLED" : "PENDING", estimatedCost };
}

/** The body of `GET /v1/tasks/{id}`. */
export function taskBody(job: Job, simulation: Simulation): Record<string, unknown> {
  const common = { id: job.id, createdAt: new Date(job.submittedAt).toISOString() };
  return { ...common, ...statusFields(job, jobState(job, simulation.now()), simulation) };
}
