import { isPurged, type Job, jobState, type Outcome } from "../core/job.js";
import type { Simulation } from "../core/simulation.js";

/** The provider's name: of its jobs, and of the path that it is mounted under. */
export const NAME = "openai-videos";

/** What a video object repeats of its submit. */
export type VideoDetails = {
  model: string;
  seconds: string;
  size: string;
  /** The submit came with a key, so the film is handed out to callers with a key only. */
  isPrivate: boolean;
};

/** Every job has details: `submit.ts` sets them. */
export const detailsOf = (job: Job): VideoDetails => job.echo as VideoDetails;

const RENDER_ERRORS = { download: "image_download_failed", decode: "image_decode_failed", render: "internal_error" };

function errorOf(outcome: Outcome): { code: string; message: string } | null {
  if (outcome.kind === "failure") return outcome.failure.body as { code: string; message: string };
  return outcome.kind === "render_failure" ? { code: RENDER_ERRORS[outcome.reason], message: outcome.message } : null;
}

/** Deleted, by its caller or because it was stopped. */
export function isGone(job: Job, now: number): boolean {
  const state = jobState(job, now);
  return isPurged(job, now) || (state.phase === "done" && state.outcome.kind === "cancelled");
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The body of `GET /videos/{id}`. */
export function videoBody(job: Job, { now }: Pick<Simulation, "now">): Record<string, unknown> {
  const state = jobState(job, now());
  const { model, seconds: length, size } = detailsOf(job);
  const end = state.phase === "done" ? state : null;
  const error = end === null ? null : errorOf(end.outcome);
  const running = state.phase === "queued" ? "queued" : "in_progress";
  return {
    ...{ id: job.id, object: "video", model, prompt: job.prompt, seconds: length, size },
    status: end === null ? running : error === null ? "completed" : "failed",
    progress: end === null ? (state.phase === "running" ? Math.round(state.progress * 100) : 0) : 100,
    error,
    created_at: seconds(job.submittedAt),
    completed_at: end === null ? null : seconds(end.at),
    expires_at: null,
    remixed_from_video_id: null,
  };
}
