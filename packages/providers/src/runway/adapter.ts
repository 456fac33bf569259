/** Runway, called with the official SDK: create, tasks retrieve and delete; uploads; organization. No reports. */
import RunwayML from "@runwayml/sdk";
import { z } from "zod";
import type {
  AccountResult,
  AdapterOptions,
  Call,
  CancelResult,
  LocateResult,
  MediaFile,
  PollResult,
  ProviderAdapter,
  ProviderJob,
  SubmitInput,
  SubmitResult,
  UploadResult,
} from "../port.js";
import { callInSteps, callOnce, fileOf } from "../sdk-call/call.js";
import type { Sent } from "../sdk-call/one-shot.js";
import { accountResult, notCancelled, submitResult, unavailable, uploadResult } from "../sdk-call/results.js";
import { estimateOf, fromTask } from "./answers.js";
import { refused, unknownEndpoint } from "./failures.js";

/** The limit of a body is 5 MB; the rest is for the other fields. */
const MAX_DATA_URI_LENGTH = 5_000_000 - 16_384;
/** The SDK must not retry. Its timeout is longer than any call, so only the signal limits the time. */
const LIMITS = { maxRetries: 0, timeout: 600_000 };

/** Runway's API has no list of tasks. */
const NO_LIST: LocateResult = { kind: "cannot_tell", cause: "no list", isFinal: true, retryAfterMs: null };

type Options = { signal: AbortSignal; maxRetries: number; timeout: number };
type Create = (client: RunwayML, body: never, options: Options) => Promise<unknown>;

const CREATE: Record<string, Create> = {
  text_to_video: (client, body, options) => client.textToVideo.create(body, options),
  image_to_video: (client, body, options) => client.imageToVideo.create(body, options),
  video_to_video: (client, body, options) => client.videoToVideo.create(body, options),
  character_performance: (client, body, options) => client.characterPerformance.create(body, options),
  video_upscale: (client, body, options) => client.videoUpscale.create(body, options),
  text_to_image: (client, body, options) => client.textToImage.create(body, options),
};

export function createRunwayAdapter(options: AdapterOptions): ProviderAdapter {
  return {
    name: "runway",
    // Runway asks for at most one poll of a task in five seconds.
    rhythm: { minMs: 5000, maxMs: 10_000, maxPerSecond: 20 },
    maxDataUriLength: MAX_DATA_URI_LENGTH,
    submit: (input, call) => submit(options, input, call),
    locate: async () => NO_LIST,
    poll: (job, call) => poll(options, job, call),
    cancel: (job, call) => cancel(options, job, call),
    upload: (image, call) => upload(options, image, call),
    account: (call) => account(options, call),
  };
}

async function submit(options: AdapterOptions, { endpoint, body }: SubmitInput, call: Call): Promise<SubmitResult> {
  const create = Object.hasOwn(CREATE, endpoint) ? CREATE[endpoint] : undefined;
  if (create === undefined) return { kind: "rejected", failure: unknownEndpoint(), retryAfterMs: null };
  const sent = await ask({ ...options, fetch: options.freshFetch }, call, (client, limits) =>
    create(client, body as never, limits),
  );
  return submitResult(sent, { provider: "Runway", idField: "id", now: options.now(), estimateOf, refused });
}

async function poll(options: AdapterOptions, { id }: ProviderJob, call: Call): Promise<PollResult> {
  const sent = await ask(options, call, (client, limits) => client.tasks.retrieve(id, limits));
  return fromTask(sent) ?? unavailable(sent, options.now());
}

/**
 * A DELETE stops a running task, but it deletes a task that has ended together with its paid output. So it is sent only
 * after a poll, and a second poll reads its effect.
 */
async function cancel(options: AdapterOptions, job: ProviderJob, call: Call): Promise<CancelResult> {
  const before = await poll(options, job, call);
  if (before.kind === "unavailable") throw new Error(`Runway could not be asked to cancel: ${before.cause}`);
  if (before.kind !== "queued" && before.kind !== "running") return "too_late";
  const sent = await ask(options, call, (client, limits) => client.tasks.delete(job.id, limits));
  if (!wasDeleted(sent)) throw notCancelled("Runway", sent);
  return afterDelete(await poll(options, job, call));
}

/** 404: another DELETE came first. */
function wasDeleted(sent: Sent): boolean {
  return sent.kind === "answered" && (sent.answer.status < 300 || sent.answer.status === 404);
}

function afterDelete(after: PollResult): CancelResult {
  if (after.kind === "succeeded") return "too_late";
  if (after.kind !== "failed") return "requested";
  if (after.failure.code !== "CANCELLED") return "too_late";
  return after.failure.charged === false ? "cancelled" : "requested";
}

/** Sends a POST for an upload URL, and a POST of the image to that URL, which is on another host and gets no key. */
async function upload(options: AdapterOptions, image: MediaFile, call: Call): Promise<UploadResult> {
  const { sent, value } = await callInSteps(options.fetch, call, (fetch) =>
    clientOf(options, call, fetch).uploads.createEphemeral({ file: fileOf(image) }, { ...LIMITS, signal: call.signal }),
  );
  return uploadResult("Runway", sent, value?.uri, options.now());
}

const organization = z.object({
  creditBalance: z.number(),
  tier: z.object({ maxMonthlyCreditSpend: z.number().nullish() }).nullish(),
});

async function account(options: AdapterOptions, call: Call): Promise<AccountResult> {
  const sent = await ask(options, call, (client, limits) => client.organization.retrieve(limits));
  return accountResult(sent, (body) => {
    const { data } = organization.safeParse(body);
    const limit = data?.tier?.maxMonthlyCreditSpend ?? null;
    return data && { remaining: data.creditBalance, limit, currency: "credits" };
  });
}

function ask(options: AdapterOptions, call: Call, use: (client: RunwayML, limits: Options) => Promise<unknown>) {
  return callOnce(options.fetch, (fetch) => use(clientOf(options, call, fetch), { ...LIMITS, signal: call.signal }));
}

function clientOf({ baseUrl }: AdapterOptions, { apiKey }: Call, fetch: typeof globalThis.fetch): RunwayML {
  return new RunwayML({ apiKey, baseURL: baseUrl, fetch, ...LIMITS, logLevel: "off" });
}
