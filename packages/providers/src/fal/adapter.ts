/** fal, on the official @fal-ai/client: queue submit, status, result, cancel. */
import { createFalClient, type FalClient } from "@fal-ai/client";
import type { Failure } from "@visgate/shared/errors";
import type {
  AccountResult,
  AdapterOptions,
  Call,
  CancelResult,
  MediaFile,
  PollResult,
  ProviderAdapter,
  ProviderJob,
  SubmitInput,
  SubmitResult,
  UploadResult,
} from "../port.js";
import { callInSteps, callOnce, fileOf } from "../sdk-call/call.js";
import { rejection } from "../sdk-call/http-failures.js";
import type { Answer, Sent } from "../sdk-call/one-shot.js";
import { accountResult, notCancelled, submitResult, unavailable, uploadResult } from "../sdk-call/results.js";
import { fromResult, fromStatus } from "./answers.js";
import { falFailure } from "./failures.js";
import { locateAtFal } from "./locate.js";
import { pricesAtFal } from "./prices.js";

/** fal accepts data URIs of any image that we accept. */
const MAX_DATA_URI_LENGTH = 32 * 1024 * 1024;
/** The SDK sends larger files in parts, several times when a part fails. */
const MAX_UPLOAD_BYTES = 90 * 1024 * 1024;
/** A model and an id that does not exist: a status call for it shows whether the key is accepted. */
const NO_JOB: ProviderJob = { endpoint: "fal-ai/veo3", id: "00000000-0000-4000-8000-000000000000" };

export function createFalAdapter(options: AdapterOptions): ProviderAdapter {
  return {
    name: "fal",
    rhythm: { minMs: 500, maxMs: 5000, maxPerSecond: 500 },
    maxDataUriLength: MAX_DATA_URI_LENGTH,
    submit: (input, call) => submit(options, input, call),
    locate: (lost, call) => locateAtFal(options, lost, call),
    poll: (job, call) => poll(options, job, call),
    cancel: (job, call) => cancel(options, job, call),
    upload: (file, call) => upload(options, file, call),
    account: (call) => account(options, call),
    prices: (endpoints, call) => pricesAtFal(options, endpoints, call),
  };
}

async function submit(options: AdapterOptions, input: SubmitInput, call: Call): Promise<SubmitResult> {
  const { endpoint, body, reportUrl } = input;
  const report = reportUrl === null ? {} : { webhookUrl: reportUrl };
  const sent = await ask({ ...options, fetch: options.freshFetch }, call, (client, abortSignal) =>
    client.queue.submit(endpoint, { input: body, abortSignal, ...report }),
  );
  return submitResult(sent, { provider: "fal", idField: "request_id", now: options.now(), refused });
}

/** Most inputs are checked during the render. A model that checks them at the submit answers 422 with the reason. */
function refused(answer: Answer): Failure {
  return answer.status === 422 ? { ...falFailure(answer, 0), retryable: false } : rejection("fal", answer.status);
}

async function poll(options: AdapterOptions, { endpoint, id }: ProviderJob, call: Call): Promise<PollResult> {
  const status = await askStatus(options, { endpoint, id }, call);
  const seen = fromStatus(status);
  if (seen !== "completed") return seen ?? unavailable(status, options.now());
  const result = await ask(options, call, (client, abortSignal) =>
    client.queue.result(endpoint, { requestId: id, abortSignal }),
  );
  return fromResult(result) ?? unavailable(result, options.now());
}

function askStatus(options: AdapterOptions, { endpoint, id }: ProviderJob, call: Call): Promise<Sent> {
  return ask(options, call, (client, abortSignal) =>
    client.queue.status(endpoint, { requestId: id, logs: true, abortSignal }),
  );
}

async function cancel(options: AdapterOptions, { endpoint, id }: ProviderJob, call: Call): Promise<CancelResult> {
  const sent = await ask(options, call, (client, abortSignal) =>
    client.queue.cancel(endpoint, { requestId: id, abortSignal }),
  );
  const status = sent.kind === "answered" ? sent.answer.status : 0;
  if (status === 200) return "cancelled";
  if (status === 202) return "requested";
  if (status === 400 || status === 404) return "too_late";
  throw notCancelled("fal", sent);
}

/** The SDK asks for the URL at fal's storage, and sends the file to that URL, on another host and without the key. */
async function upload(options: AdapterOptions, file: MediaFile, call: Call): Promise<UploadResult> {
  const storage = options.urls["storage"] ?? null;
  if (storage === null || file.bytes.length > MAX_UPLOAD_BYTES) return { kind: "rejected", failure: TOO_LARGE };
  const { sent, value } = await callInSteps(options.fetch, call, (fetch) => {
    const client = createFalClient({
      credentials: call.apiKey,
      fetch,
      requestMiddleware: async (request) => ({ ...request, url: redirect(request.url, storage) }),
    });
    return client.storage.upload(fileOf(file));
  });
  return uploadResult("fal", sent, value ?? undefined, options.now());
}

const TOO_LARGE: Failure = {
  ...{ code: "VALIDATION_ERROR", retryable: false, charged: false },
  message: "An input is too large for fal; give it as an https URL.",
};

async function account(options: AdapterOptions, call: Call): Promise<AccountResult> {
  const sent = await askStatus(options, NO_JOB, call);
  if (sent.kind === "answered" && sent.answer.status === 404) return { kind: "valid", balance: null };
  return accountResult(sent, () => null);
}

function ask(
  { baseUrl, fetch }: AdapterOptions,
  { apiKey, signal }: Call,
  use: (client: FalClient, signal: AbortSignal) => Promise<unknown>,
): Promise<Sent> {
  return callOnce(fetch, (oneShot) => {
    const client = createFalClient({
      credentials: apiKey,
      fetch: oneShot,
      requestMiddleware: async (request) => ({ ...request, url: redirect(request.url, baseUrl) }),
    });
    return use(client, signal);
  });
}

function redirect(url: string, baseUrl: string): string {
  const { pathname, search } = new URL(url);
  return baseUrl + pathname + search;
}
