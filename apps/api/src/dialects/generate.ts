/** What dialects do with requests: submit one, read one, wait for its end. */
import type { CatalogueModel, GenerationInput, ParamSpec } from "@visgate/shared/catalogue";
import { DEFAULT_SIDE, durationsOf, mainVariant, variantFor, variantOf } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import type { JsonValue, RequestRecord } from "@visgate/shared/request";
import { isTerminal } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { answerJsonText } from "../http/answer.js";
import { readIdempotencyKey } from "../http/idempotency-key.js";
import type { Answer, Ctx, Handler } from "../http/route.js";
import { cancelRequest } from "../use-cases/cancel-request.js";
import { noteKnown } from "../use-cases/note-known.js";
import { rememberingReader, requestNotFound } from "../use-cases/read-request.js";
import { submitRequest } from "../use-cases/submit-request.js";
import { waitForTerminal } from "../waiting/long-poll.js";
import type { Asked, DialectNames } from "./dialect.js";

/**
 * Accepts the call. `body`: with the same Idempotency-Key it must be equal again. Without a key, an equal call gets the
 * same request while that is in flight, or until its caller has asked for it (docs/adr/0020-dialects.md).
 */
export async function submit(
  deps: Deps,
  c: Ctx,
  dialect: DialectNames,
  { asked, body }: { asked: Asked; body: object },
): Promise<RequestRecord> {
  const key = readIdempotencyKey(c.req.header("idempotency-key"));
  const { record } = await submitRequest(deps, {
    apiKey: c.get("apiKey"),
    organization: c.get("organization"),
    input: inputOf(asked, deps.settings.cachingDialects.includes(dialect.name)),
    callerKeys: {},
    idempotency: key === null ? null : { key: `${dialect.name}:${key}`, body },
    joinsRepeats: true,
    onRates: (rates) => c.set("rates", rates),
  });
  c.set("requestId", record.id);
  return record;
}

function inputOf(asked: Asked, isCached: boolean): GenerationInput {
  const { model, size } = asked;
  const { width = DEFAULT_SIDE, height = DEFAULT_SIDE } = size ?? {};
  return {
    mediaType: model.mediaType,
    model: model.id,
    prompt: asked.prompt,
    imageUrl: asked.imageUrl ?? null,
    ...(asked.imageField === undefined ? {} : { imageField: asked.imageField }),
    media: asked.media ?? [],
    durationSeconds: asked.durationSeconds ?? shortestOf(asked),
    size: model.mediaType === "image" ? { width, height, given: size !== undefined } : null,
    count: asked.count ?? 1,
    params: paramsOf(asked.params ?? {}),
    webhookUrl: asked.webhookUrl ?? null,
    ...(asked.webhookUrl == null || asked.webhookForm === undefined ? {} : { webhookForm: asked.webhookForm }),
    callbackId: null,
    metadata: asked.metadata ?? {},
    deadlineSeconds: null,
    cache: isCached ? "use" : "off",
    priority: "normal",
    copyOutput: true,
    fallback: [],
  };
}

/** `params_unchecked` is a field of our calls. In the body of another API it is among the params. */
function paramsOf({
  params_unchecked: unchecked = null,
  ...params
}: Record<string, unknown>): GenerationInput["params"] {
  const takesUnknown = unchecked === true || unchecked === "true";
  if (!takesUnknown && unchecked !== null && unchecked !== false && unchecked !== "false") {
    throw invalid("params_unchecked", "params_unchecked must be true or false.", [true, false]);
  }
  return { values: withoutNull(params), fieldOf: (name) => name, takesUnknown };
}

/** Anything, for a model that makes no certain length. */
function shortestOf({ model, imageUrl, media = [] }: Asked): number {
  const roles = [...(imageUrl == null ? [] : ["first" as const]), ...media.map(({ role }) => role)];
  return Math.min(...durationsOf(model, variantFor(model, roles) ?? mainVariant(model)), Number.MAX_SAFE_INTEGER);
}

function withoutNull(params: Record<string, unknown>): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value != null)) as Record<string, JsonValue>;
}

/** A request of the caller's organization. @throws VisgateError REQUEST_NOT_FOUND */
export async function readOwn(deps: Deps, c: Ctx, id: string): Promise<RequestRecord> {
  c.set("requestId", id);
  const ref = { organization: c.get("apiKey").organization, id };
  const stored = isRequestId(id) ? await deps.store.requests.get(ref) : null;
  if (stored === null) throw requestNotFound(id);
  noteKnown(deps, stored.doc);
  return stored.doc;
}

type Of<T> = (record: RequestRecord) => T;

/** Answers status polls. The view and the headers are made once for each change of the request. */
export function createStatusAnswers(
  deps: Deps,
  viewOf: Of<unknown>,
  headersOf: Of<Record<string, string>> = () => ({}),
) {
  const readStatus = rememberingReader(deps, (record) => {
    noteKnown(deps, record);
    return { text: JSON.stringify(viewOf(record)), headers: headersOf(record) };
  });
  return async (c: Ctx, id: string): Promise<Answer> => {
    c.set("requestId", id);
    const { text, headers } = await readStatus({ organization: c.get("apiKey").organization, id });
    return answerJsonText(c, text, 200, headers);
  };
}

/** The handler of a status poll whose path has the `id`. */
export function statusHandler(deps: Deps, viewOf: Of<unknown>, headersOf?: Of<Record<string, string>>): Handler {
  const answerStatus = createStatusAnswers(deps, viewOf, headersOf);
  return (c) => answerStatus(c, c.req.param("id") ?? "");
}

/** False when it had ended already: nothing was cancelled. */
export async function cancelUnlessEnded(deps: Deps, record: RequestRecord): Promise<boolean> {
  try {
    await cancelRequest(deps, record);
    return true;
  } catch (error) {
    if (error instanceof VisgateError && error.code === "ALREADY_TERMINAL") return false;
    throw error;
  }
}

/** The request when it has ended, or as it is when the time is up or Redis does not answer. */
export async function whenEnded(deps: Deps, c: Ctx, record: RequestRecord, seconds: number): Promise<RequestRecord> {
  if (seconds <= 0 || isTerminal(record.status)) return record;
  const wait = { timeoutMs: seconds * 1000, signal: c.req.raw.signal };
  const found = await waitForTerminal(deps, record, wait).catch(() => null);
  return found?.doc ?? record;
}

/**
 * Values that arrive as text, as in a form, in the types that the model's params have. What does not fit stays as it is,
 * and is refused like any other wrong value.
 */
export function coerceParams(
  model: CatalogueModel,
  hasImage: boolean,
  values: Record<string, unknown>,
): Record<string, unknown> {
  const specs = (variantOf(model, hasImage) ?? mainVariant(model)).params;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, coerce(specs[name], value)]));
}

function coerce(spec: ParamSpec | undefined, text: unknown): unknown {
  if (typeof text !== "string") return text;
  if (spec?.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  const isNumber = spec?.type === "integer" || spec?.type === "number";
  return isNumber && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
