/**
 * Any server with the OpenAI videos API, called with the official SDK: videos create (multipart), retrieve, list and
 * delete. A download of a video needs the server's key, so the worker downloads with `outputHeaders`.
 */
import { parseUrl } from "@visgate/shared/parse-url";
import OpenAI from "openai";
import type {
  AccountResult,
  AdapterOptions,
  Call,
  CancelResult,
  LocateResult,
  LostSubmit,
  PollResult,
  ProviderAdapter,
  ProviderJob,
  SubmitInput,
  SubmitResult,
  UploadResult,
} from "../port.js";
import { callOnce, readPage } from "../sdk-call/call.js";
import type { Sent } from "../sdk-call/one-shot.js";
import { accountResult, notCancelled, submitResult, unavailable } from "../sdk-call/results.js";
import { fromVideo } from "./answers.js";
import { noServer, refused } from "./failures.js";
import { locateInList } from "./locate.js";
import type { NamedServers, VideoServer } from "./servers.js";

/** An image is sent as a file of the form, which has room for any image that callers may send. */
const MAX_DATA_URI_LENGTH = 32 * 1024 * 1024;
/** The SDK must not retry. Its timeout is longer than any call, so only the signal limits the time. */
const LIMITS = { maxRetries: 0, timeout: 600_000 };
const PAGE_SIZE = 100;
const TITLE = "The video server";

export function createOpenAiVideosAdapter(options: AdapterOptions): ProviderAdapter {
  return {
    name: "openai-videos",
    rhythm: { minMs: 1000, maxMs: 5000, maxPerSecond: 50 },
    maxDataUriLength: MAX_DATA_URI_LENGTH,
    submit: (input, call) => submit(options, input, call),
    locate: (lost, call) => locate(options, lost, call),
    poll: (job, call) => poll(options, job, call),
    cancel: (job, call) => cancel(options, job, call),
    upload,
    account: (call) => account(options, call),
    outputHeaders: (url, job, call) => outputHeaders(options, url, job, call),
  };
}

interface Target {
  server: VideoServer;
  /** Null: the server of OPENAI_VIDEOS_BASE_URL. */
  serverName: string | null;
  model: string;
}

/** An endpoint is `model`, or `model@server`. */
function targetOf(
  { baseUrl, settings }: AdapterOptions,
  endpoint: string,
  { apiKey }: Call,
): Target | { missing: string | null } {
  const [model = "", serverName = null] = endpoint.split("@");
  const named = settings as NamedServers | null;
  if (serverName === null)
    return baseUrl === "" ? { missing: null } : { server: { baseUrl, apiKey }, serverName, model };
  const server = named !== null && Object.hasOwn(named, serverName) ? named[serverName] : undefined;
  return server === undefined ? { missing: serverName } : { server, serverName, model };
}

async function submit(options: AdapterOptions, { endpoint, body }: SubmitInput, call: Call): Promise<SubmitResult> {
  const target = targetOf(options, endpoint, call);
  if ("missing" in target) return { kind: "rejected", failure: noServer(target.missing), retryAfterMs: null };
  const form = { ...withImage(body), model: target.model };
  const sent = await ask({ ...options, fetch: options.freshFetch }, target.server, (client) =>
    client.videos.create(form as never, { ...LIMITS, signal: call.signal }),
  );
  return submitResult(sent, { provider: TITLE, idField: "id", now: options.now(), refused });
}

const DATA_URI = /^data:([\w/+.-]+);base64,(.+)$/s;

/** A data: URI is sent as a file of the form, because all servers accept that. A URL is sent as a URL. */
function withImage({ input_reference: image, ...body }: Record<string, unknown>): Record<string, unknown> {
  if (typeof image !== "string") return body;
  const [, type = "", base64] = DATA_URI.exec(image) ?? [];
  if (base64 === undefined) return { ...body, input_reference: { image_url: image } };
  const file = new File([Buffer.from(base64, "base64")], `image.${type.split("/")[1] ?? "bin"}`, { type });
  return { ...body, input_reference: file };
}

async function locate(options: AdapterOptions, lost: LostSubmit, call: Call): Promise<LocateResult> {
  const target = targetOf(options, lost.endpoint, call);
  if ("missing" in target) return { kind: "cannot_tell", cause: "no server", isFinal: true, retryAfterMs: null };
  return locateInList(target.model, lost, {
    now: options.now,
    page: (after) =>
      readPage(options.fetch, (fetch) =>
        clientOf(target.server, fetch).videos.list(
          { limit: PAGE_SIZE, order: "desc", ...(after !== null && { after }) },
          { ...LIMITS, signal: call.signal },
        ),
      ),
  });
}

async function poll(options: AdapterOptions, { endpoint, id }: ProviderJob, call: Call): Promise<PollResult> {
  const target = targetOf(options, endpoint, call);
  if ("missing" in target) return { kind: "unavailable", cause: "no server", retryAfterMs: null };
  const { server } = target;
  const sent = await ask(options, server, (client) => client.videos.retrieve(id, { ...LIMITS, signal: call.signal }));
  const contentUrl = `${server.baseUrl}/videos/${encodeURIComponent(id)}/content`;
  return fromVideo(sent, contentUrl, chargedFor(server)) ?? unavailable(sent, options.now());
}

/** A failed job is not charged at a server without a key. A server with a key may charge it. */
const chargedFor = ({ apiKey }: VideoServer): boolean | null => (apiKey === "" ? false : null);

/**
 * A DELETE stops a job that has not ended, but it deletes a job that has ended together with its video. So it is sent
 * only after a poll. Some servers refuse it for a running job.
 */
async function cancel(options: AdapterOptions, job: ProviderJob, call: Call): Promise<CancelResult> {
  const before = await poll(options, job, call);
  if (before.kind === "unavailable") throw new Error(`${TITLE} could not be asked to cancel: ${before.cause}`);
  if (before.kind !== "queued" && before.kind !== "running") return "too_late";
  const target = targetOf(options, job.endpoint, call);
  if ("missing" in target) throw new Error(`${TITLE} could not be asked to cancel: no server`);
  const sent = await ask(options, target.server, (client) =>
    client.videos.delete(job.id, { ...LIMITS, signal: call.signal }),
  );
  const status = sent.kind === "answered" ? sent.answer.status : 0;
  if (REFUSES_DELETE.includes(status)) return "unsupported";
  if (status === 404 || (status >= 200 && status < 300)) return before.kind === "queued" ? "cancelled" : "requested";
  throw notCancelled(TITLE, sent);
}

const REFUSES_DELETE: readonly number[] = [400, 405, 409, 501];

/** Never needed, because the form has room for any image that callers may send. */
async function upload(): Promise<UploadResult> {
  const message = "The image is too large for the video server.";
  return { kind: "rejected", failure: { code: "VALIDATION_ERROR", message, retryable: false, charged: false } };
}

/** The API has no call for accounts. A call for the list of videos shows whether the key is accepted. */
async function account(options: AdapterOptions, { apiKey, signal }: Call): Promise<AccountResult> {
  const { baseUrl } = options;
  if (baseUrl === "") return { kind: "unavailable", cause: "no server" };
  const sent = await ask(options, { baseUrl, apiKey }, (client) =>
    client.videos.list({ limit: 1 }, { ...LIMITS, signal }),
  );
  return accountResult(sent, () => null);
}

/** The key is sent only to the server that ran the job. */
function outputHeaders(options: AdapterOptions, url: string, job: ProviderJob, call: Call): Record<string, string> {
  const target = targetOf(options, job.endpoint, call);
  if ("missing" in target || target.server.apiKey === "") return {};
  const isItsOwn = parseUrl(url)?.origin === new URL(target.server.baseUrl).origin;
  return isItsOwn ? { authorization: `Bearer ${target.server.apiKey}` } : {};
}

function ask(
  { fetch }: Pick<AdapterOptions, "fetch">,
  server: VideoServer,
  use: (client: OpenAI) => Promise<unknown>,
): Promise<Sent> {
  return callOnce(fetch, (oneShot) => use(clientOf(server, oneShot)));
}

/** The SDK reads options that are missing here from the environment. It needs a key even for a server without one. */
function clientOf({ baseUrl, apiKey }: VideoServer, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    apiKey: apiKey === "" ? "none" : apiKey,
    ...(apiKey === "" ? { defaultHeaders: { authorization: null } } : {}),
    ...{ adminAPIKey: null, organization: null, project: null, webhookSecret: null },
    ...{ baseURL: baseUrl, ...LIMITS, logLevel: "off" },
    // Without `Response`, the SDK calls `fetch` once more before it sends a form, to find the class of its answers.
    fetch: Object.assign(fetch, { Response }),
  });
}
