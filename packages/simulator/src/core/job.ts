import type { ImageSource, MediaSpec } from "../media/spec.js";
import type { JobDisasters } from "./disasters.js";

/** Why a job failed, in the words its provider answers with when asked for it. */
export interface Failure {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** The words shown beside the status, for providers that show any there. */
  note?: { error: string; type: string };
  /** Where a provider's rule is not that of the plan's units. */
  isBilled?: boolean;
}

/** What a job was bound to become when it was accepted. `billableUnits`: what it costs, in the provider's own units. */
export type Plan =
  | { kind: "media"; specs: MediaSpec[]; billableUnits: number; seed: number }
  /** `early`: refused before any rendering, as bad input is. */
  | { kind: "failure"; failure: Failure; early: boolean; billableUnits: number };

/** What a model makes of an input. */
export type MediaPlan = Omit<Extract<Plan, { kind: "media" }>, "kind" | "seed">;

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

/** What only some providers know of. */
export interface JobExtras {
  /** What of the submit the provider repeats in its answers. */
  echo?: Record<string, unknown>;
  /** The events the webhook wants to hear of; without it, the end alone. */
  webhookEvents?: string[];
  /** When the job is stopped by itself if it has not ended. */
  deadlineAt?: number;
  /** How long after its end the provider keeps what it made; without it, for good. */
  keptMs?: number;
  /** A stopped job is not billed, as the provider documents. */
  refundsCancelled?: boolean;
  /** How long an address of its media lasts from when it is handed out; without it, as long as the media. */
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
  /** Taken from the settings at submit and kept, so that a restart changes nothing for this job. */
  disasters: JobDisasters;
  rendered?: { at: number; files: RenderedFile[] };
  renderFailed?: { at: number; reason: "download" | "decode" | "render"; message: string };
  cancelledAt?: number;
  /** When the caller had it deleted. */
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

/** `elapsed` is the share of the work that is behind, `progress` what the provider says it is. */
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

/** When and how the job ends as far as is known now; null while its file is not drawn, or if it never ends. */
export function endOf(job: Job): End | null {
  const [natural, forced] = [naturalEnd(job), forcedEnd(job)];
  return natural && (!forced || natural.at <= forced.at) ? natural : forced;
}

/** Where the job stands: a pure function of the record and the time, so that a restart loses nothing. */
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

/** Whether what the job made is deleted, by its provider or at the caller's wish. */
export function isPurged(job: Job, now: number): boolean {
  if (job.deletedAt !== undefined) return true;
  const end = endOf(job);
  return end !== null && job.keptMs !== undefined && now >= end.at + job.keptMs;
}
