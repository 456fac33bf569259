import type { MediaSpec } from "../media/spec.js";
import type { Disaster } from "./disasters.js";

/** An error as a provider's own model would answer it. */
export interface Failure {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** The words shown beside the status, for providers that show any there. */
  note?: { error: string; type: string };
}

/** What a job was bound to become when it was accepted. */
export type Plan =
  | { kind: "media"; specs: MediaSpec[]; billableUnits: number; seed: number }
  /** `early`: refused before any rendering, as bad input is. */
  | { kind: "failure"; failure: Failure; early: boolean };

export interface RenderedFile {
  name: string;
  bytes: number;
}

export interface Job {
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
  disasters: { fate?: Disaster; output?: Disaster; webhook?: Disaster };
  rendered?: { at: number; files: RenderedFile[] };
  renderFailed?: { at: number; reason: "download" | "decode" | "render"; message: string };
  cancelledAt?: number;
  webhook?: { attempts: number; done: boolean };
}

export type Outcome =
  | { kind: "media"; files: RenderedFile[] }
  | { kind: "failure"; failure: Failure }
  | { kind: "render_failure"; reason: "download" | "decode" | "render"; message: string }
  | { kind: "cancelled" };

export type JobState =
  | { phase: "queued"; position: number }
  | { phase: "running"; progress: number }
  | { phase: "done"; at: number; outcome: Outcome };

const POSITIONS = 3;

const startsAt = (job: Job): number => job.submittedAt + job.queueMs;
const dueAt = (job: Job): number => startsAt(job) + job.renderMs;

function naturalEnd(job: Job): { at: number; outcome: Outcome } | null {
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

/** When and how the job ends as far as is known now; null while its file is not drawn, or if it never ends. */
export function endOf(job: Job): { at: number; outcome: Outcome } | null {
  const end = naturalEnd(job);
  if (job.cancelledAt === undefined || (end && end.at <= job.cancelledAt)) return end;
  return { at: job.cancelledAt, outcome: { kind: "cancelled" } };
}

/** Where the job stands: a pure function of the record and the time, so that a restart loses nothing. */
export function jobState(job: Job, now: number): JobState {
  const end = endOf(job);
  if (end && now >= end.at) return { phase: "done", ...end };
  if (now < startsAt(job)) {
    const left = (startsAt(job) - now) / job.queueMs;
    return { phase: "queued", position: Math.ceil(left * POSITIONS) - 1 };
  }
  return { phase: "running", progress: Math.min(0.99, (now - startsAt(job)) / Math.max(1, job.renderMs)) };
}
