/** The simulated providers' own books: what they bill for each job, by their own rules and not by the gateway's. */
import { type End, endOf, type Job, type JobState, jobState, startsAt } from "./job.js";
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
  /** It costs something, or will cost something when it ends. */
  billed: boolean;
  /** In ms since the epoch. */
  submitted_at: number;
  /** Null as long as it is not known. */
  ended_at: number | null;
}

/** A line of the provider's invoice: a job that has ended. */
export interface BillLine {
  id: string;
  provider: string;
  endpoint: string;
  prompt: string;
  /** In the provider's own unit. */
  units: number;
  /** Null when the simulator does not know the price. */
  cost_micro: number | null;
  /** In ms since the epoch. */
  ended_at: number;
}

/** The units that the provider bills for an ended job. */
export function unitsBilled(job: Job, { at, outcome }: End): number {
  switch (outcome.kind) {
    case "media":
    case "failure":
      return job.plan.billableUnits;
    case "render_failure":
      return 0;
    case "cancelled":
      return at > startsAt(job) ? unitsOfCancelled(job) : 0;
  }
}

/** Of a job that was cancelled after it began: the whole job, unless the provider refunds it or a disaster sets the units. */
function unitsOfCancelled({ plan, refundsCancelled, disasters }: Job): number {
  const whole = refundsCancelled === true && !disasters.cancel ? 0 : plan.billableUnits;
  return disasters.cancel?.units ?? whole;
}

const isBilled = (job: Job, state: JobState): boolean =>
  (state.phase === "done" ? unitsBilled(job, state) : job.plan.billableUnits) > 0;

function report(job: Job, now: number): JobReport {
  const { id, provider, endpoint, prompt } = job;
  const state = jobState(job, now);
  const outcome = state.phase === "done" ? state.outcome.kind : null;
  const times = { submitted_at: job.submittedAt, ended_at: endOf(job)?.at ?? null };
  return { id, provider, endpoint, prompt, phase: state.phase, outcome, billed: isBilled(job, state), ...times };
}

/** Every job accepted since the last reset, in order. */
const countedJobs = ({ jobs, counted }: Ledger): Job[] => [...jobs.values()].filter(({ id }) => counted.has(id));

export const jobReports = (ledger: Ledger, now: number): JobReport[] =>
  countedJobs(ledger).map((job) => report(job, now));

export function billLines(ledger: Ledger, now: number): BillLine[] {
  return countedJobs(ledger).flatMap((job) => {
    const end = jobState(job, now);
    if (end.phase !== "done") return [];
    const { id, provider, endpoint, prompt } = job;
    const units = unitsBilled(job, end);
    return { id, provider, endpoint, prompt, units, cost_micro: costMicro(job, units), ended_at: end.at };
  });
}

/** A journal of an earlier version has no prices. */
function costMicro({ plan: { unitMicro = null } }: Job, units: number): number | null {
  if (units === 0) return 0;
  return unitMicro === null ? null : Math.round(units * unitMicro);
}
