/** fal, on the official @fal-ai/client: queue submit, status, result, cancel. */
import { createFalClient, type FalClient } from "@fal-ai/client";
import { z } from "zod";
import { byType, falFailure } from "./fal-failures.js";
import { notReached, rejection, retryAfterMs } from "./http-failures.js";
import { type Answer, createOneShot, type OneShot } from "./one-shot.js";
import type {
  AdapterOptions,
  Call,
  CancelResult,
  PollResult,
  ProviderAdapter,
  ProviderJob,
  SubmitInput,
  SubmitResult,
} from "./port.js";

const submitAnswer = z.object({ request_id: z.string().min(1) });
const statusAnswer = z.object({
  status: z.string(),
  queue_position: z.number().int().nonnegative().nullish(),
  error: z.unknown().optional(),
  error_type: z.string().nullish(),
});
const file = z.object({ url: z.url({ protocol: /^https?$/ }) });
const resultAnswer = z.union([
  z.object({ video: file }).transform(({ video }) => [video]),
  z.object({ images: z.array(file).min(1) }).transform(({ images }) => images),
  z.object({ image: file }).transform(({ image }) => [image]),
]);

export function createFalAdapter(options: AdapterOptions): ProviderAdapter {
  return {
    name: "fal",
    rhythm: { minMs: 500, maxMs: 5000 },
    submit: (input, call) => submit(options, input, call),
    poll: (job, call) => poll(options, job, call),
    cancel: (job, call) => cancel(options, job, call),
  };
}

async function submit(options: AdapterOptions, input: SubmitInput, call: Call): Promise<SubmitResult> {
  const sent = await run({ ...options, fetch: options.freshFetch }, call, (client, abortSignal) =>
    client.queue.submit(input.endpoint, { input: input.body, abortSignal }),
  );
  if (sent.kind === "not_sent") return { kind: "rejected", failure: notReached("fal"), retryAfterMs: null };
  if (sent.kind === "no_answer") return { kind: "unknown", cause: sent.cause };
  const { answer } = sent;
  const parsed = submitAnswer.safeParse(answer.body);
  if (isOk(answer) && parsed.success) return { kind: "accepted", id: parsed.data.request_id };
  if (isOk(answer)) return { kind: "unknown", cause: "accepted without a request id" };
  if (answer.status >= 500 || answer.status === 408) return { kind: "unknown", cause: `HTTP ${answer.status}` };
  return {
    kind: "rejected",
    failure: rejection("fal", answer.status),
    retryAfterMs: retryAfterMs(answer, options.now()),
  };
}

async function poll(options: AdapterOptions, job: ProviderJob, call: Call): Promise<PollResult> {
  const sent = await run(options, call, (client, abortSignal) =>
    client.queue.status(job.endpoint, { requestId: job.id, abortSignal }),
  );
  if (sent.kind !== "answered") return { kind: "unavailable", cause: sent.cause, retryAfterMs: null };
  const { answer } = sent;
  if (answer.status === 404) return { kind: "missing" };
  const parsed = statusAnswer.safeParse(answer.body);
  if (!isOk(answer) || !parsed.success) return unavailable(options, answer);
  const { status, queue_position, error, error_type } = parsed.data;
  if (status === "IN_QUEUE") return { kind: "queued", position: queue_position ?? null };
  if (status === "IN_PROGRESS") return { kind: "running", progress: null };
  if (status !== "COMPLETED") return { kind: "unavailable", cause: "unknown status", retryAfterMs: null };
  if (error_type || error) return { kind: "failed", failure: byType(error_type ?? "", 500, false) };
  return fetchResult(options, job, call);
}

async function fetchResult(options: AdapterOptions, job: ProviderJob, call: Call): Promise<PollResult> {
  const sent = await run(options, call, (client, abortSignal) =>
    client.queue.result(job.endpoint, { requestId: job.id, abortSignal }),
  );
  if (sent.kind !== "answered") return { kind: "unavailable", cause: sent.cause, retryAfterMs: null };
  const { answer } = sent;
  const billedUnits = readUnits(answer);
  if (isOk(answer)) return succeeded(answer, billedUnits);
  return isReplay(answer) ? { kind: "failed", failure: falFailure(answer, billedUnits) } : unavailable(options, answer);
}

function succeeded(answer: Answer, billedUnits: number | null): PollResult {
  const outputs = resultAnswer.safeParse(answer.body);
  if (outputs.success) return { kind: "succeeded", outputs: outputs.data, billedUnits };
  const charged = billedUnits === null ? null : billedUnits > 0;
  const message = "fal reported success without an output.";
  return { kind: "failed", failure: { code: "PROVIDER_ERROR", message, retryable: true, charged } };
}

async function cancel(options: AdapterOptions, job: ProviderJob, call: Call): Promise<CancelResult> {
  const sent = await run(options, call, (client, abortSignal) =>
    client.queue.cancel(job.endpoint, { requestId: job.id, abortSignal }),
  );
  if (sent.kind !== "answered") throw new Error(`fal could not be asked to cancel: ${sent.cause}`);
  const { status } = sent.answer;
  if (status === 200) return "cancelled";
  if (status === 202) return "requested";
  if (status === 400 || status === 404) return "too_late";
  throw new Error(`fal could not be asked to cancel: HTTP ${status}`);
}

/** One SDK call that sends one request; the SDK's own error says less than what was sent and answered. */
async function run(
  options: AdapterOptions,
  call: Call,
  use: (client: FalClient, signal: AbortSignal) => Promise<unknown>,
) {
  const shot: OneShot = createOneShot(options.fetch);
  const client = createFalClient({
    credentials: call.apiKey,
    fetch: shot.fetch,
    requestMiddleware: async (request) => ({ ...request, url: redirect(request.url, options.baseUrl) }),
  });
  const error = await use(client, call.signal).then(
    () => null,
    (reason: unknown) => reason,
  );
  const sent = shot.sent();
  if (sent !== null) return sent;
  return { kind: "not_sent", cause: error instanceof Error ? error.name : "unknown error" } as const;
}

/**
 * Is this the model's own failure, replayed, and not a gateway in between, our key, or "still in progress"? fal's own
 * 502 to 504 name their error type.
 */
function isReplay({ status, body, headers }: Answer): boolean {
  const { detail, error_type } = (body ?? {}) as { detail?: unknown; error_type?: unknown };
  if (Array.isArray(detail) || error_type !== undefined || headers.has("x-fal-error-type")) return true;
  return typeof detail === "string" && status === 500;
}

function redirect(url: string, baseUrl: string): string {
  const { pathname, search } = new URL(url);
  return baseUrl + pathname + search;
}

function unavailable(options: AdapterOptions, answer: Answer): PollResult {
  return { kind: "unavailable", cause: `HTTP ${answer.status}`, retryAfterMs: retryAfterMs(answer, options.now()) };
}

const isOk = (answer: Answer): boolean => answer.status >= 200 && answer.status < 300;

function readUnits(answer: Answer): number | null {
  const header = answer.headers.get("x-fal-billable-units");
  const units = header === null ? Number.NaN : Number(header);
  return Number.isFinite(units) && units >= 0 ? units : null;
}
