/** Accepts a request: everything is checked first, then one script makes it durable, then a worker is woken. */
import { plan } from "@visgate/shared/catalogue/plan";
import type { CatalogueModel } from "@visgate/shared/catalogue/schema";
import type { GenerateVideoBody } from "@visgate/shared/contract/video";
import { generateVideoBody } from "@visgate/shared/contract/video";
import { invalid, VisgateError } from "@visgate/shared/domain/errors";
import type { ImageInput, JsonValue, MediaType, RequestRecord } from "@visgate/shared/domain/request";
import { type UrlPolicy, urlFault } from "@visgate/shared/net/urls";
import { inputKey, requestFolder } from "@visgate/shared/outputs/keys";
import { isRedisAway } from "@visgate/shared/store/connection";
import type { AcceptCommand, Accepted } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { canonicalJson, sha256 } from "./canonical.js";
import { type PreparedImage, prepareImage } from "./prepare-image.js";

/** Within the two seconds in which a caller gets a 503. */
const LOOK_UP_MS = 300;
const IDEMPOTENCY_SECONDS = 24 * 3600;
const DEFAULT_DURATION_SECONDS = 5;
/** A render that takes longer than this is given up on. */
const DEADLINE_MS: Record<MediaType, number> = { video: 30 * 60_000, image: 10 * 60_000 };

export interface SubmitCommand {
  organization: string;
  mediaType: MediaType;
  body: GenerateVideoBody;
  /** The caller's own provider keys by provider. */
  callerKeys: Record<string, string | undefined>;
  idempotencyKey: string | null;
}

export interface Submitted {
  record: RequestRecord;
  replayed: boolean;
}

export async function submitRequest(deps: Deps, command: SubmitCommand): Promise<Submitted> {
  refuseUnderPressure(deps);
  const { body } = command;
  const model = findModel(deps, body.model, command.mediaType);
  const callerKey = pickProviderKey(deps, model.provider, command.callerKeys);
  checkWebhookUrl(body.webhook_url, deps.settings.urlPolicy);
  const params = mergeParams(body);
  const planned = plan(model, {
    hasImage: body.image_url != null,
    durationSeconds: body.duration_seconds ?? DEFAULT_DURATION_SECONDS,
    params: { values: params, fieldOf: (name) => (Object.hasOwn(body.params ?? {}, name) ? `params.${name}` : name) },
  });
  const prepared = body.image_url == null ? null : await prepareImage(body.image_url, deps.settings.urlPolicy);

  const id = deps.newRequestId();
  const now = deps.clock.now();
  const record: RequestRecord = {
    v: 1,
    id,
    organization: command.organization,
    mediaType: command.mediaType,
    model: model.id,
    endpoint: planned.endpoint,
    provider: model.provider,
    mode: callerKey === null ? "managed" : "byok",
    simulated: deps.settings.providers.get(model.provider)?.simulated ?? false,
    input: {
      prompt: body.prompt,
      image: await settleImage(deps, command.organization, id, prepared),
      durationSeconds: planned.durationSeconds,
      params,
    },
    status: "pending",
    createdAt: now,
    startedAt: null,
    completedAt: null,
    deadlineAt: now + DEADLINE_MS[command.mediaType],
    attempts: 0,
    intent: null,
    providerRequestId: null,
    cancelRequestedAt: null,
    missingSince: null,
    progress: null,
    queuePosition: null,
    rendered: null,
    outputs: [],
    failure: null,
    chargeState: "none",
    estimatedCostMicro: planned.estimatedCostMicro,
    costMicro: 0,
    costSource: null,
    copyOutput: deps.settings.copyOutputs && body.skip_gcs_upload !== true,
    webhookUrl: body.webhook_url ?? null,
    callbackId: body.callback_id ?? null,
    metadata: body.metadata ?? {},
  };
  return accept(deps, command, record, callerKey);
}

async function accept(
  deps: Deps,
  command: SubmitCommand,
  record: RequestRecord,
  callerKey: string | null,
): Promise<Submitted> {
  const { organization } = record;
  const accepted = await acceptOrFind(deps, {
    record,
    idempotency: idempotencyOf(command),
    encryptedProviderKey: callerKey === null ? null : deps.secrets.encrypt(callerKey, record.id),
  });
  if (accepted.kind === "new") {
    // The record is durable: were this wake-up lost, the sweeper would send another.
    await deps.producer.wakeRequest(record.provider, record).catch((error) => {
      deps.log.warn({ err: error, requestId: record.id }, "the wake-up was not enqueued; the sweeper will send one");
    });
    return { record, replayed: false };
  }
  if (record.input.image?.kind === "stored") await deps.outputs.removeAll(requestFolder(organization, record.id));
  if (accepted.kind === "conflict") throw idempotencyConflict();
  const first = await deps.store.requests.get({ organization, id: accepted.id });
  if (first === null) throw idempotencyConflict();
  return { record: first.doc, replayed: true };
}

/** When the answer of the script is lost the request may be there all the same: then it is acknowledged, not refused. */
async function acceptOrFind(deps: Deps, command: AcceptCommand): Promise<Accepted> {
  const { requests } = deps.store;
  try {
    return await requests.accept(command);
  } catch (error) {
    if (!isRedisAway(error)) throw error;
    const found = await Promise.race([requests.revision(command.record).catch(() => undefined), soon(LOOK_UP_MS)]);
    if (typeof found === "string") return { kind: "new", id: command.record.id };
    throw perhapsAccepted(command);
  }
}

const soon = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));

function perhapsAccepted({ record, idempotency }: AcceptCommand): VisgateError {
  const message =
    idempotency === null
      ? "The queue did not answer. The request was most likely not accepted: GET /requests/{request_id} tells. With an Idempotency-Key the same call can be sent again safely."
      : "The queue did not answer; send the same call again with the same Idempotency-Key.";
  return new VisgateError("UNAVAILABLE", message, { request_id: record.id });
}

function idempotencyOf({ idempotencyKey, mediaType, body }: SubmitCommand) {
  if (idempotencyKey === null) return null;
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const bodyHash = sha256(`${mediaType}\n${canonicalJson(given)}`);
  return { keyHash: sha256(idempotencyKey), bodyHash, ttlSeconds: IDEMPOTENCY_SECONDS };
}

function idempotencyConflict(): VisgateError {
  const message = "This Idempotency-Key was used with another body; use a new key for a new request.";
  return new VisgateError("IDEMPOTENCY_CONFLICT", message, { field: "Idempotency-Key" });
}

function refuseUnderPressure(deps: Deps): void {
  if (deps.draining.aborted)
    throw new VisgateError("UNAVAILABLE", "This server is shutting down; send the same call again.");
  if (deps.isUnderPressure()) {
    throw new VisgateError("UNAVAILABLE", "The queue is nearly full; send the same call again later.");
  }
}

function findModel(deps: Deps, id: string, mediaType: MediaType): CatalogueModel {
  const model = deps.catalogue.get(id);
  if (model === undefined) {
    throw new VisgateError("MODEL_NOT_FOUND", `There is no model ${id.slice(0, 100)}; GET /api/v1/models lists them.`, {
      field: "model",
    });
  }
  if (model.mediaType === mediaType) return model;
  const allowed = [...deps.catalogue.values()].filter((one) => one.mediaType === mediaType).map((one) => one.id);
  throw invalid("model", `model: ${model.id} makes ${model.mediaType}s, not ${mediaType}s.`, allowed);
}

/** The caller's own key, or null for the server's. */
function pickProviderKey(deps: Deps, provider: string, callerKeys: SubmitCommand["callerKeys"]): string | null {
  const callerKey = callerKeys[provider];
  if (callerKey !== undefined && callerKey !== "") return callerKey;
  if (deps.settings.providers.get(provider)?.configured) return null;
  const header = `X-${provider.charAt(0).toUpperCase()}${provider.slice(1)}-Key`;
  const message = `This server has no key for ${provider}; send your own as ${header}.`;
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
}

function checkWebhookUrl(url: string | null | undefined, urlPolicy: UrlPolicy): void {
  const fault = url == null ? null : urlFault(url, urlPolicy);
  if (fault !== null) throw invalid("webhook_url", `webhook_url ${fault}.`, "https URL");
}

function mergeParams(body: GenerateVideoBody): Record<string, JsonValue> {
  const params: Record<string, JsonValue> = { ...(body.params as Record<string, JsonValue> | null | undefined) };
  for (const [name, value] of Object.entries(body)) {
    if (Object.hasOwn(generateVideoBody.shape, name)) continue;
    if (Object.hasOwn(params, name)) throw invalid(name, `${name} is given twice: at the top and in params.`);
    params[name] = value as JsonValue;
  }
  return params;
}

async function settleImage(
  deps: Deps,
  organization: string,
  id: string,
  prepared: PreparedImage | null,
): Promise<ImageInput | null> {
  if (prepared === null || prepared.kind === "ready") return prepared?.image ?? null;
  const key = inputKey(organization, id, prepared.image.extension);
  await deps.outputs.put(key, oneChunk(prepared.image.bytes));
  return { kind: "stored", key, contentType: prepared.image.contentType };
}

async function* oneChunk(bytes: Uint8Array) {
  yield bytes;
}
