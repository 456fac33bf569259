/** From a caller's body to an accepted request: everything is checked before anything is written or spent. */
import { plan } from "@visgate/shared/catalogue/plan";
import type { CatalogueModel } from "@visgate/shared/catalogue/schema";
import type { GenerateVideoBody } from "@visgate/shared/contract/video";
import { generateVideoBody } from "@visgate/shared/contract/video";
import { invalid, VisgateError } from "@visgate/shared/domain/errors";
import { newRequest } from "@visgate/shared/domain/new-request";
import type { ImageInput, JsonValue, MediaType } from "@visgate/shared/domain/request";
import { type UrlPolicy, urlFault } from "@visgate/shared/net/urls";
import { inputKey } from "@visgate/shared/outputs/keys";
import type { AcceptCommand } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { acceptRequest, type Submitted } from "./accept-request.js";
import { canonicalJson, sha256 } from "./canonical.js";
import { type PreparedImage, prepareImage } from "./prepare-image.js";

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
  const record = newRequest({
    ...{ id, organization: command.organization, mediaType: command.mediaType },
    ...{ model: model.id, endpoint: planned.endpoint, provider: model.provider },
    mode: callerKey === null ? "managed" : "byok",
    simulated: deps.settings.providers.get(model.provider)?.simulated ?? false,
    input: {
      prompt: body.prompt,
      image: await settleImage(deps, command.organization, id, prepared),
      durationSeconds: planned.durationSeconds,
      params,
    },
    createdAt: now,
    deadlineAt: now + DEADLINE_MS[command.mediaType],
    estimatedCostMicro: planned.estimatedCostMicro,
    copyOutput: deps.settings.copyOutputs && body.skip_gcs_upload !== true,
    webhookUrl: body.webhook_url ?? null,
    callbackId: body.callback_id ?? null,
    metadata: body.metadata ?? {},
  });
  return acceptRequest(deps, { record, callerKey, idempotency: idempotencyOf(command) });
}

function idempotencyOf({ idempotencyKey, mediaType, body }: SubmitCommand): AcceptCommand["idempotency"] {
  if (idempotencyKey === null) return null;
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const bodyHash = sha256(`${mediaType}\n${canonicalJson(given)}`);
  return { keyHash: sha256(idempotencyKey), bodyHash, ttlSeconds: IDEMPOTENCY_SECONDS };
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
