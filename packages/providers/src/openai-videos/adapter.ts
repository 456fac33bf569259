/**
 * Any server that speaks the OpenAI videos API, on the official SDK: videos create (multipart), retrieve, list, delete.
 * Its films are behind the server's key, so the worker fetches them with `outputHeaders`.
 */
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

/** An image travels as a part of the form: any that callers may send fits. */
const MAX_DATA_URI_LENGTH = 32 * 1024 * 1024;
/** The SDK repeats nothing, and the signal alone decides how long a call may take. */
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

interface Place {
  server: VideoServer;
  /** Null: the one of OPENAI_VIDEOS_BASE_URL. */
  serverName: string | null;
  model: string;
}

/** An endpoint is `model`, or `model@server`. */
function placeOf(
  { baseUrl, settings }: AdapterOptions,
  endpoint: string,
  { apiKey }: Call,
): Place | { missing: string | null } {
  const [model = "", serverName = null] = endpoint.split("@");
  const named = settings as NamedServers | null;
  if (serverName === null)
    return baseUrl === "" ? { missing: null } : { server: { baseUrl, apiKey }, serverName, model };
  const server = named !== null && Object.hasOwn(named, serverName) ? named[serverName] : undefined;
  return server === undefined ? { missing: serverName } : { server, serverName, model };
}

async function submit(options: AdapterOptions, { endpoint, body }: SubmitInput, call: Call): Promise<SubmitResult> {
  const place = placeOf(options, endpoint, call);
  if ("missing" in place) return { kind: "rejected", failure: noServer(place.missing), retryAfterMs: null };
  const form = { model: place.model, ...withImage(body) };
  const sent = await ask({ ...options, fetch: options.freshFetch }, place.server, (client) =>
    client.videos.create(form as never, { ...LIMITS, signal: call.signal }),
  );
  return submitResult(sent, { provider: TITLE, idField: "id", now: options.now(), refused });
}

const DATA_URI = /^data:([\w/+.-]+);base64,(.+)$/s;

/** A data: URI becomes a file of the form, the one way that all servers take; a URL is handed over as a URL. */
function withImage({ input_reference: image, ...body }: Record<string, unknown>): Record<string, unknown> {
  if (typeof image !== "string") return body;
  const [, type = "", base64] = DATA_URI.exec(image) ?? [];
  if (base64 === undefined) return { ...body, input_reference: { image_url: image } };
  const file = new File([Buffer.from(base64, "base64")], `image.${type.split("/")[1] ?? "bin"}`, { type });
  return { ...body, input_reference: file };
}

async function locate(options: AdapterOptions, lost: LostSubmit, call: Call): Promise<LocateResult> {
  const place = placeOf(options, lost.endpoint, call);
  if ("missing" in place) return { kind: "cannot_tell", cause: "no server", isFinal: true, retryAfterMs: null };
  return locateInList(place.model, lost, {
    now: options.now,
    page: (after) =>
      readPage(options.fetch, (fetch) =>
        clientOf(place.server, fetch).videos.list(
          { limit: PAGE_SIZE, order: "desc", ...(after !== null && { after }) },
          { ...LIMITS, signal: call.signal },
        ),
      ),
  });
}

async function poll(options: AdapterOptions, { endpoint, id }: ProviderJob, call: Call): Promise<PollResult> {
  const place = placeOf(options, endpoint, call);
  if ("missing" in place) return { kind: "unavailable", cause: "no server", retryAfterMs: null };
  const { server } = place;
  const sent = await ask(options, server, (client) => client.videos.retrieve(id, { ...LIMITS, signal: call.signal }));
  const contentUrl = `${server.baseUrl}/videos/${encodeURIComponent(id)}/content`;
  return fromVideo(sent, contentUrl, chargedFor(server)) ?? unavailable(sent, options.now());
}

/** A failed job of a server without keys costs nothing; whoever issued a key may bill it. */
const chargedFor = ({ apiKey }: VideoServer): boolean | null => (apiKey === "" ? false : null);

/**
 * A DELETE stops a job that is not done, and deletes one that is done together with its film. So it is sent only after a
 * look. Some servers refuse it for a job that runs.
 */
async function cancel(options: AdapterOptions, job: ProviderJob, call: Call): Promise<CancelResult> {
  const before = await poll(options, job, call);
  if (before.kind === "unavailable") throw new Error(`${TITLE} could not be asked to cancel: ${before.cause}`);
  if (before.kind !== "queued" && before.kind !== "running") return "too_late";
  const place = placeOf(options, job.endpoint, call);
  if ("missing" in place) throw new Error(`${TITLE} could not be asked to cancel: no server`);
  const sent = await ask(options, place.server, (client) =>
    client.videos.delete(job.id, { ...LIMITS, signal: call.signal }),
  );
  const status = sent.kind === "answered" ? sent.answer.status : 0;
  if (REFUSES_DELETE.includes(status)) return "unsupported";
  if (status === 404 || (status >= 200 && status < 300)) return before.kind === "queued" ? "cancelled" : "requested";
  throw notCancelled(TITLE, sent);
}

const REFUSES_DELETE: readonly number[] = [400, 405, 409, 501];

/** Never needed: a form holds any image that callers may send. */
async function upload(): Promise<UploadResult> {
  const message = "The image is too large for the video server.";
  return { kind: "rejected", failure: { code: "VALIDATION_ERROR", message, retryable: false, charged: false } };
}

/** There is no call for an account: the list of videos tells whether a key is accepted. */
async function account(options: AdapterOptions, { apiKey, signal }: Call): Promise<AccountResult> {
  const { baseUrl } = options;
  if (baseUrl === "") return { kind: "unavailable", cause: "no server" };
  const sent = await ask(options, { baseUrl, apiKey }, (client) =>
    client.videos.list({ limit: 1 }, { ...LIMITS, signal }),
  );
  return accountResult(sent, () => null);
}

/** The key goes to the server that the job ran at, and nowhere else. */
function outputHeaders(options: AdapterOptions, url: string, job: ProviderJob, call: Call): Record<string, string> {
  const place = placeOf(options, job.endpoint, call);
  if ("missing" in place || place.server.apiKey === "") return {};
  const isItsOwn = URL.canParse(url) && new URL(url).origin === new URL(place.server.baseUrl).origin;
  return isItsOwn ? { authorization: `Bearer ${place.server.apiKey}` } : {};
}

function ask(
  { fetch }: Pick<AdapterOptions, "fetch">,
  server: VideoServer,
  use: (client: OpenAI) => Promise<unknown>,
): Promise<Sent> {
  return callOnce(fetch, (oneShot) => use(clientOf(server, oneShot)));
}

/** What is not given here the SDK would take from the environment. It wants a key, also for a server without keys. */
function clientOf({ baseUrl, apiKey }: VideoServer, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    apiKey: apiKey === "" ? "none" : apiKey,
    ...(apiKey === "" ? { defaultHeaders: { authorization: null } } : {}),
    ...{ adminAPIKey: null, organization: null, project: null, webhookSecret: null },
    ...{ baseURL: baseUrl, ...LIMITS, logLevel: "off" },
    // Without it the SDK calls `fetch` once more before a form, to find out of which class its answers are.
    fetch: Object.assign(fetch, { Response }),
  });
}
