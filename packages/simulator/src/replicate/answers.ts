import { unitsBilled } from "../core/billing.js";
import { type End, endOf, isPurged, type Job, jobState, type Outcome, startsAt } from "../core/job.js";
import { progressLines } from "../core/progress-bar.js";
import { type AnswerContext, mediaUrl } from "../media/address.js";
import { findModel } from "./models.js";

/** The parts of the submit that a prediction repeats. */
export interface Echo {
  input: Record<string, unknown>;
  version: string;
  webhook_events_filter?: string[];
}

export const PREFIX = "/replicate/v1";

/** Every prediction has an echo: `submit.ts` sets it. */
const echoOf = (job: Job): Echo => job.echo as unknown as Echo;

const isoOf = (at: number): string => new Date(at).toISOString();

const RENDER_ERROR = "Unexpected error, please retry (E1000)";

const startedAt = (job: Job, now: number, end: End | null): number | null =>
  now < startsAt(job) || (end && end.at < startsAt(job)) ? null : startsAt(job);

function statusAtEnd(job: Job, { at, outcome }: End): string {
  if (outcome.kind === "media") return "succeeded";
  if (outcome.kind !== "cancelled") return "failed";
  return outcome.by === "deadline" && at < startsAt(job) ? "aborted" : "canceled";
}

function statusOf(job: Job, now: number): string {
  const state = jobState(job, now);
  if (state.phase === "done") return statusAtEnd(job, state);
  return state.phase === "queued" ? "starting" : "processing";
}

function errorOf(outcome: Outcome | undefined): unknown {
  if (outcome?.kind === "failure") return outcome.failure.body;
  if (outcome?.kind !== "render_failure") return null;
  return outcome.reason === "render" ? RENDER_ERROR : outcome.message;
}

function outputOf(job: Job, outcome: Outcome | undefined, context: AnswerContext): string | string[] | null {
  if (outcome?.kind !== "media" || job.disasters.output?.name === "output_missing") return null;
  const addresses = outcome.files.map((_, index) => mediaUrl(job, index, context));
  return findModel(job.endpoint)?.output === "one" ? (addresses[0] ?? null) : addresses;
}

function metricsOf(job: Job, started: number | null, end: End | null): Record<string, number> {
  if (!end) return {};
  const total = { total_time: (end.at - job.submittedAt) / 1000 };
  const run = started === null ? {} : { predict_time: (end.at - started) / 1000 };
  return { ...run, ...total, ...billedMetrics(job, end) };
}

/** What the model counted for the bill. It is not documented for predictions that did not succeed, so they have none. */
function billedMetrics(job: Job, end: End): Record<string, number> {
  const metric = findModel(job.endpoint)?.metric;
  return metric === undefined || end.outcome.kind !== "media" ? {} : { [metric]: unitsBilled(job, end) };
}

/** What the model has printed until now: its seed, and a line for each tenth of the work that is done. */
function logsOf(job: Job, now: number): string {
  const until = Math.min(now, endOf(job)?.at ?? now);
  if (until < startsAt(job)) return "";
  const share = Math.min(1, (until - startsAt(job)) / Math.max(1, job.renderMs));
  const seed = job.plan.kind === "media" ? [`Using seed: ${job.plan.seed}`] : [];
  return [...seed, ...progressLines(job, share).map(({ text }) => text)].join("\n");
}

/** The fields that are deleted some time after the end. */
function contents(job: Job, outcome: Outcome | undefined, context: AnswerContext): Record<string, unknown> {
  if (isPurged(job, context.now)) return { input: {}, logs: "", output: null, data_removed: true };
  const output = outputOf(job, outcome, context);
  return { input: echoOf(job).input, logs: logsOf(job, context.now), output, data_removed: false };
}

function webhookFields({ webhookUrl, echo }: Job): Record<string, unknown> {
  if (webhookUrl === null) return {};
  const filter = echo?.["webhook_events_filter"];
  return { webhook: webhookUrl, ...(filter !== undefined && { webhook_events_filter: filter }) };
}

/** The object that describes a prediction completely. */
export function predictionOf(job: Job, context: AnswerContext): Record<string, unknown> {
  const { now, url } = context;
  const known = endOf(job);
  const end = known && now >= known.at ? known : null;
  const started = startedAt(job, now, end);
  const address = `${url}${PREFIX}/predictions/${job.id}`;
  return {
    ...{ id: job.id, model: job.endpoint, version: echoOf(job).version, ...contents(job, end?.outcome, context) },
    ...{ error: errorOf(end?.outcome), status: statusOf(job, now), source: "api" },
    created_at: isoOf(job.submittedAt),
    started_at: started === null ? null : isoOf(started),
    completed_at: end && isoOf(end.at),
    ...(job.deadlineAt !== undefined && { deadline: isoOf(job.deadlineAt) }),
    metrics: metricsOf(job, started, end),
    urls: { get: address, cancel: `${address}/cancel`, web: `${url}/replicate/p/${job.id}` },
    ...webhookFields(job),
  };
}
