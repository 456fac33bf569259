import type { ImageSource, MediaSpec } from "../media/spec.js";
import type { JobDisasters } from "./disasters.js";

/** Why a job failed, as its provider answers when the caller asks for the result. */
export interface Failure {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** The error shown beside the status, for providers that show it there. */
  note?: { error: string; type: string };
  /** Set when the provider does not decide by whether the job was rendered if it bills this failure. */
  isBilled?: boolean;
}

/** What a plan costs: the units that the provider bills, and the price of a unit in micro-USD; null: not known. */
interface Priced {
  billableUnits: number;
  unitMicro: number | null;
}

/** How a job will end, decided when it is accepted, and what it costs if it is not stopped before. */
export type Plan = Priced &
  (
    | { kind: "media"; specs: MediaSpec[]; seed: number }
    /** `early`: it fails before any rendering, as bad input does. */
    | { kind: "failure"; failure: Failure; early: boolean }
  );

/** What a model makes of an input. */
export type MediaPlan = Omit<Extract<Plan, { kind: "media" }>, "kind" | "seed" | "unitMicro">;

/** A submit's input after validation, with its picture (if it has one) already stored. */
export interface AcceptedInput<T> {
  input: T;
  image: ImageSource | null;
  seed: number;
}

export interface RenderedFile {
  name: string;
  bytes: number;
}

/** Fields that only some providers set. */
export interface JobExtras {
  /** Where the caller reached this process, if not at the address it listens on: webhooks contain URLs too. */
  reachedAt?: string;
  /** The parts of the submit that the provider repeats in its answers. */
  echo?: Record<string, unknown>;
  /** The events that the caller's webhook asked for; only the end if absent. */
  webhookEvents?: string[];
  /** The provider stops the job at this time if it has not ended. */
  deadlineAt?: number;
  /** How long after the end the provider keeps the output; forever if absent. */
  keptMs?: number;
  /** The provider documents that a cancelled job is not billed. */
  refundsCancelled?: boolean;
  /** How long a media address works after it was given out; as long as the media if absent. */
  addressMs?: number;
}

export interface Job extends JobExtras {
  id: string;
  provider: string;
  endpoint: string;
  prompt: string;
  submittedAt: number;
  queueMs: number;
  renderMs: number;
  plan: Plan;
  webhookUrl: string | null;
  /** Copied from the settings at submit, so that a restart changes nothing for this job. */
  disasters: JobDisasters;
  rendered?: { at: number; files: RenderedFile[] };
  renderFailed?: { at: number; reason: "download" | "decode" | "render"; message: string };
  cancelledAt?: number;
  /** When the caller deleted it. */
  deletedAt?: number;
  webhook?: { attempts: number; done: boolean };
}

export type Outcome =
  | { kind: "media"; files: RenderedFile[] }
  | { kind: "failure"; failure: Failure }
  | { kind: "render_failure"; reason: "download" | "decode" | "render"; message: string }
  | { kind: "cancelled"; by: "caller" | "deadline" };

export interface End {
  at: number;
  outcome: Outcome;
}

/** `elapsed` is the share of the work that is done, `progress` the share that the provider shows. */
export type JobState =
  | { phase: "queued"; position: number }
  | { phase: "running"; progress: number; elapsed: number }
  | ({ phase: "done" } & End);

const POSITIONS = 3;
const PROGRESS_STEPS = 10;
const FALLS_EVERY = 3;
const FALL = 0.3;

/** In every third step the share falls back by three tenths: 0.25 is shown as 0, and 0.55 as 0.25. */
function fallingBack(share: number): number {
  const falls = Math.floor(share * PROGRESS_STEPS) % FALLS_EVERY === FALLS_EVERY - 1;
  return falls ? Math.max(0, share - FALL) : share;
}

/** The share of a wait or of a render that the provider shows as done. */
export const shownShare = ({ disasters }: Pick<Job, "disasters">, share: number): number =>
  disasters.progress?.name === "progress_backwards" ? fallingBack(share) : share;

export const startsAt = (job: Job): number => job.submittedAt + job.queueMs;
const dueAt = (job: Job): number => startsAt(job) + job.renderMs;

function naturalEnd(job: Job): End | null {
  if (job.disasters.fate?.name === "never_finish") return null;
  if (job.plan.kind === "failure")
    return { at: job.plan.early ? startsAt(job) : dueAt(job), outcome: { kind: "failure", failure: job.plan.failure } };
  if (job.renderFailed) {
    const { at, reason, message } = job.renderFailed;
    return { at: Math.max(startsAt(job), at), outcome: { kind: "render_failure", reason, message } };
  }
  if (!job.rendered) return null;
  return { at: Math.max(dueAt(job), job.rendered.at), outcome: { kind: "media", files: job.rendered.files } };
}

function forcedEnd({ cancelledAt, deadlineAt = Number.POSITIVE_INFINITY }: Job): End | null {
  if (cancelledAt !== undefined && cancelledAt <= deadlineAt)
    return { at: cancelledAt, outcome: { kind: "cancelled", by: "caller" } };
  return Number.isFinite(deadlineAt) ? { at: deadlineAt, outcome: { kind: "cancelled", by: "deadline" } } : null;
}

/** When and how the job ends, as far as is known now; null until its files are drawn, or if it never ends. */
export function endOf(job: Job): End | null {
  const [natural, forced] = [naturalEnd(job), forcedEnd(job)];
  return natural && (!forced || natural.at <= forced.at) ? natural : forced;
}

/** The state is a pure function of the record and the time, so that a restart loses nothing. */
export function jobState(job: Job, now: number): JobState {
  const end = endOf(job);
  if (end && now >= end.at) return { phase: "done", ...end };
  if (now < startsAt(job)) {
    const left = 1 - shownShare(job, 1 - (startsAt(job) - now) / job.queueMs);
    return { phase: "queued", position: Math.ceil(left * POSITIONS) - 1 };
  }
  const elapsed = Math.min(0.99, (now - startsAt(job)) / Math.max(1, job.renderMs));
  return { phase: "running", elapsed, progress: shownShare(job, elapsed) };
}

/** Whether the output is deleted, by the provider or by the caller. */
export function isPurged(job: Job, now: number): boolean {
  if (job.deletedAt !== undefined) return true;
  const end = endOf(job);
  return end !== null && job.keptMs !== undefined && now >= end.at + job.keptMs;
}
