/** Replicate, called with the official SDK: predictions create, get, list and cancel; files; account. */
import Replicate from "replicate";
import { z } from "zod";
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
import { callInSteps, callOnce, fileOf, readPage } from "../sdk-call/call.js";
import { okAnswer, type Sent } from "../sdk-call/one-shot.js";
import { accountResult, notCancelled, submitResult, unavailable, uploadResult } from "../sdk-call/results.js";
import { fromPrediction, type Prediction, prediction } from "./answers.js";
import { type ListCalls, locateAtReplicate } from "./locate.js";

const MAX_DATA_URI_LENGTH = 256 * 1024;
const accountBody = z.object({ username: z.string() });

export function createReplicateAdapter(options: AdapterOptions): ProviderAdapter {
  return {
    name: "replicate",
    // Replicate allows 3000 reads a minute.
    rhythm: { minMs: 1000, maxMs: 5000, maxPerSecond: 40 },
    maxDataUriLength: MAX_DATA_URI_LENGTH,
    submit: (input, call) => submit(options, input, call),
    locate: (lost, call) => locateAtReplicate(lost, listCalls(options, call)),
    poll: (job, call) => poll(options, job, call),
    cancel: (job, call) => cancel(options, job, call),
    upload: (image, call) => upload(options, image, call),
    account: (call) => account(options, call),
  };
}

async function submit(options: AdapterOptions, input: SubmitInput, { apiKey, signal }: Call): Promise<SubmitResult> {
  const { body, reportUrl } = input;
  const report = reportUrl === null ? {} : { webhook: reportUrl, webhook_events_filter: ["completed" as const] };
  const sent = await callOnce(options.freshFetch, (fetch) =>
    clientOf(options, apiKey, fetch).predictions.create({ ...modelOf(input), input: body, ...report, signal }),
  );
  return submitResult(sent, { provider: "Replicate", idField: "id", now: options.now() });
}

/** An endpoint is `owner/name`, or `owner/name:version`. */
function modelOf({ endpoint }: SubmitInput): { model: string } | { version: string } {
  const [model = "", version] = endpoint.split(":");
  return version === undefined ? { model } : { version };
}

/** Only the cursor of a next page's URL is used, so that the key is sent only to the configured base URL. */
function listCalls(options: AdapterOptions, { apiKey, signal }: Call): ListCalls {
  const read = (use: (client: Replicate) => Promise<unknown>): Promise<Sent> =>
    readPage(options.fetch, (fetch) => use(clientOf(options, apiKey, fetch)));
  return {
    now: options.now,
    page: (cursor) =>
      read((client) =>
        cursor === null
          ? client.predictions.list({ signal })
          : client.request("/predictions", { params: { cursor }, signal }),
      ),
    prediction: (id) => read((client) => client.predictions.get(id, { signal })),
  };
}

async function poll(options: AdapterOptions, job: ProviderJob, { apiKey, signal }: Call): Promise<PollResult> {
  const sent = await callOnce(options.fetch, (fetch) =>
    clientOf(options, apiKey, fetch).predictions.get(job.id, { signal }),
  );
  if (sent.kind === "answered" && sent.answer.status === 404) return { kind: "missing" };
  const seen = seenIn(sent);
  return (seen && fromPrediction(seen)) ?? unavailable(sent, options.now());
}

/** It is not known how Replicate answers a cancel of an ended prediction. These count as ended; the next poll tells. */
const ENDED: readonly number[] = [400, 404, 409, 422];

async function cancel(options: AdapterOptions, job: ProviderJob, { apiKey, signal }: Call): Promise<CancelResult> {
  const sent = await callOnce(options.fetch, (fetch) =>
    clientOf(options, apiKey, fetch).predictions.cancel(job.id, { signal }),
  );
  if (sent.kind === "answered" && ENDED.includes(sent.answer.status)) return "too_late";
  const seen = seenIn(sent);
  if (seen === null) throw notCancelled("Replicate", sent);
  if (seen.status === "succeeded" || seen.status === "failed") return "too_late";
  const neverRan = seen.status === "aborted" || (seen.status === "canceled" && seen.started_at === null);
  return neverRan ? "cancelled" : "requested";
}

async function upload(options: AdapterOptions, image: MediaFile, call: Call): Promise<UploadResult> {
  const { sent, value } = await callInSteps(options.fetch, call, (fetch) =>
    clientOf(options, call.apiKey, fetch).files.create(fileOf(image), {}, { signal: call.signal }),
  );
  return uploadResult("Replicate", sent, value?.urls?.get, options.now());
}

async function account(options: AdapterOptions, { apiKey, signal }: Call): Promise<AccountResult> {
  const sent = await callOnce(options.fetch, (fetch) => clientOf(options, apiKey, fetch).accounts.current({ signal }));
  // Replicate has no call for the balance.
  return accountResult(sent, (body) => (accountBody.safeParse(body).success ? null : undefined));
}

function seenIn(sent: Sent): Prediction | null {
  return prediction.safeParse(okAnswer(sent)?.body).data ?? null;
}

/** Do not use the file strategy "data-uri": it sends the client object, with the key, in place of the input. */
function clientOf({ baseUrl }: AdapterOptions, auth: string, fetch: typeof globalThis.fetch): Replicate {
  return new Replicate({ auth, baseUrl, fetch, fileEncodingStrategy: "upload" });
}
