import { unitsBilled } from "../core/billing.js";
import type { End, Failure, Job, JobState, Outcome } from "../core/job.js";
import { progressLines } from "../core/progress-bar.js";
import { type AnswerContext, mediaPath, mediaUrl } from "../media/address.js";
import { contentTypeOf } from "../media/spec.js";
import { failureOf } from "./errors.js";
import { findModel } from "./models.js";

/** The app is the first two segments of an endpoint id (three under some names). Job routes contain only the app. */
export function appOf(endpoint: string): string {
  const segments = endpoint.split("/");
  return segments.slice(0, segments[0] === "workflows" || segments[0] === "comfy" ? 3 : 2).join("/");
}

export function jobUrls(job: Job, base: string): Record<string, string> {
  const url = `${base}/fal/${appOf(job.endpoint)}/requests/${job.id}`;
  return { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
}

/** Whether a status shows the logs. fal's JavaScript client asks with `logs=1`, its Python client with `logs=true`. */
export const wantsLogs = (query: string | undefined): boolean => /^(1|true)$/i.test(query ?? "");

/** What the model has printed until now. */
function logs(job: Job, state: JobState): unknown[] {
  const share = state.phase === "running" ? state.elapsed : 1;
  return progressLines(job, share).map(({ text, at }) => ({
    ...{ message: text, level: "INFO", source: "USER", timestamp: new Date(at).toISOString() },
  }));
}

const failure = (job: Job, outcome: Outcome): Failure | null =>
  failureOf(outcome, findModel(job.endpoint)?.imageField ?? "prompt");

export function statusBody(job: Job, state: JobState, base: string, withLogs: boolean): Record<string, unknown> {
  const common = { request_id: job.id, ...jobUrls(job, base) };
  if (state.phase === "queued") return { status: "IN_QUEUE", ...common, queue_position: state.position };
  const shownLogs = withLogs ? logs(job, state) : [];
  if (state.phase === "running") return { status: "IN_PROGRESS", ...common, logs: shownLogs };
  const note = failure(job, state.outcome)?.note;
  const metrics = note ? {} : { inference_time: (state.at - job.submittedAt - job.queueMs) / 1000 };
  return {
    status: "COMPLETED",
    ...common,
    logs: shownLogs,
    metrics,
    ...(note && { error: note.error, error_type: note.type }),
  };
}

function mediaBody(job: Job, context: AnswerContext): unknown {
  if (job.plan.kind !== "media" || job.disasters.output?.name === "output_missing") return {};
  const { specs, seed } = job.plan;
  const files = (job.rendered?.files ?? []).map(({ name, bytes }, index) => {
    const path = mediaPath(job, index);
    return {
      url: mediaUrl(job, index, context),
      content_type: contentTypeOf(name),
      file_name: path.slice(path.lastIndexOf("/") + 1),
      file_size: bytes,
    };
  });
  if (findModel(job.endpoint)?.output === "video") return { video: files[0] };
  const images = files.map((file, index) => {
    const spec = specs[index];
    return spec?.kind === "image" ? { ...file, width: spec.width, height: spec.height } : file;
  });
  const { prompt, renderMs } = job;
  const flags = images.map(() => job.disasters.output?.name === "output_flagged");
  return { images, timings: { inference: renderMs / 1000 }, seed, has_nsfw_concepts: flags, prompt };
}

export interface Answer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

/** fal does not document what a cancelled job costs, so its answer has no bill. */
function billing(job: Job, end: End): Record<string, string> {
  return end.outcome.kind === "cancelled" ? {} : { "x-fal-billable-units": String(unitsBilled(job, end)) };
}

/** The result of an ended job, exactly as its model answered, including failures. */
export function resultOf(job: Job, end: End, context: AnswerContext): Answer {
  const failed = failure(job, end.outcome);
  const bill = billing(job, end);
  if (failed) return { status: failed.status, body: failed.body, headers: { ...failed.headers, ...bill } };
  return { status: 200, body: mediaBody(job, context), headers: bill };
}
