/**
 * Makes the call of a request again. It is a new generation, checked against the catalogue, the limits and the budgets of
 * today. Its inputs are copies, so that neither request needs the other one.
 */
import {
  DEFAULT_SIDE,
  type GenerationInput,
  type GivenAlternative,
  type GivenMedia,
  INPUT_FIELDS,
} from "@visgate/shared/catalogue";
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import type { ApiKey } from "@visgate/shared/organization";
import type {
  AskedSize,
  ImageInput,
  MediaType,
  RequestInput,
  RequestRecord,
  RequestRef,
} from "@visgate/shared/request";
import { canonicalJson } from "../cache/cache-hash.js";
import type { Deps } from "../deps.js";
import type { Submitted } from "./accept-request.js";
import { requestNotFound } from "./read-request.js";
import { type SubmitCommand, submitRequest } from "./submit-request.js";

export interface AgainCommand extends Pick<SubmitCommand, "apiKey" | "organization" | "callerKeys" | "onRates"> {
  /** The request to make again. */
  id: string;
  idempotencyKey: string | null;
  bulkKeyHash?: string | undefined;
}

/** @throws VisgateError REQUEST_NOT_FOUND, and what a generation throws */
export async function generateAgain(deps: Deps, { id, idempotencyKey, ...command }: AgainCommand): Promise<Submitted> {
  const ref = { organization: command.organization.id, id };
  const stored = isRequestId(id) ? await deps.store.requests.get(ref) : null;
  if (stored === null || !mayRead(command.apiKey, stored.doc)) throw requestNotFound(id);
  requireSameAccount(stored.doc, command.callerKeys);
  return submitRequest(deps, {
    ...command,
    input: inputAgain(deps, stored.doc),
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body: { again: id } },
    joinsRepeats: true,
    againOf: id,
  });
}

/** A key that may only generate makes only its own requests again. */
const mayRead = ({ id, scopes }: ApiKey, { apiKeyId }: RequestRecord): boolean =>
  scopes.includes("read") || id === apiKeyId;

/** What a caller has paid itself is not paid by the server the second time, unless the caller says so with a new call. */
function requireSameAccount({ account, provider }: RequestRecord, callerKeys: AgainCommand["callerKeys"]): void {
  if (account !== "caller" || callerKeys[provider] !== undefined) return;
  const message = `This request was made with the caller's own key of ${provider}. Send that key again, in its header.`;
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
}

type Made = Omit<RequestInput, "prompt" | "image" | "media">;

/** The first model of the call, what it was to make, and the others. */
interface Chain {
  model: string;
  made: Made;
  fallback: GivenAlternative[];
}

/** Without the input of the first model, which earlier versions did not keep, the call begins with the present one. */
function chainOf({ model, input, fallback }: RequestRecord): Chain {
  const { alternatives = [], tried = [] } = fallback ?? {};
  const present = { model, made: input };
  const known = tried.flatMap(({ model, input: made }) => (made === undefined ? [] : [{ model, made }]));
  const all = [...known, present, ...alternatives.map(({ model, input: made }) => ({ model, made }))];
  const [first = present, ...others] = all;
  const ownParams = ({ params }: Made) => (canonicalJson(params) === canonicalJson(first.made.params) ? null : params);
  return { ...first, fallback: others.map(({ model, made }) => ({ model, params: ownParams(made) })) };
}

/** Models without a duration take any. */
const ANY_DURATION_SECONDS = 5;

function inputAgain(deps: Deps, record: RequestRecord): GenerationInput {
  const { mediaType, input, deadlineAt, createdAt, cache, paramsUnchecked = false } = record;
  const { model, made, fallback } = chainOf(record);
  const { durationSeconds, size } = record.fallback?.asked ?? mappedSize(mediaType, made);
  const urlOf = (source: ImageInput, number: number) => urlOfInput(deps, record, source, number);
  return {
    mediaType,
    model,
    prompt: input.prompt,
    imageUrl: input.image === null ? null : urlOf(input.image, 0),
    media: (input.media ?? []).map(({ role, source }, at): GivenMedia => {
      return { role, url: urlOf(source, at + 1), field: INPUT_FIELDS[role] };
    }),
    durationSeconds,
    size,
    count: made.count ?? 1,
    params: { values: made.params, fieldOf: (name) => `params.${name}`, takesUnknown: paramsUnchecked },
    webhookUrl: record.webhookUrl,
    ...(record.webhookForm === undefined ? {} : { webhookForm: record.webhookForm }),
    callbackId: record.callbackId,
    metadata: record.metadata,
    deadlineSeconds: (deadlineAt - createdAt) / 1000,
    cache: cache.reason === "off" ? "off" : "refresh",
    priority: record.priority,
    copyOutput: record.copyOutput,
    fallback,
  };
}

/** What the model made is mapped to itself. Without a size, it makes its own, or a param says it. */
function mappedSize(mediaType: MediaType, { durationSeconds, size }: Made): AskedSize {
  const anySize = { width: DEFAULT_SIDE, height: DEFAULT_SIDE, given: false };
  return {
    durationSeconds: durationSeconds ?? ANY_DURATION_SECONDS,
    size: mediaType === "video" ? null : size === null ? anySize : { ...size, given: true },
  };
}

/** A file of this gateway is named by its signed URL, as in any call. */
function urlOfInput(deps: Deps, request: RequestRef & { createdAt: number }, source: ImageInput, number: number) {
  if (source.kind === "url") return source.url;
  return source.kind === "inline" ? source.dataUri : deps.fileUrls.inputUrl(request, number, "");
}
