/** From what a caller wants to an accepted request: everything is checked before anything is written or spent. */
import type { GivenParams } from "@visgate/shared/catalogue/params";
import { plan } from "@visgate/shared/catalogue/plan";
import type { CatalogueModel } from "@visgate/shared/catalogue/schema";
import type { WishedSize } from "@visgate/shared/catalogue/sizes";
import { invalid, VisgateError } from "@visgate/shared/domain/errors";
import { newRequest } from "@visgate/shared/domain/new-request";
import type { CacheMode, CacheState, ImageInput, MediaType } from "@visgate/shared/domain/request";
import { urlFault } from "@visgate/shared/net/urls";
import { inputKey } from "@visgate/shared/outputs/keys";
import type { AcceptCommand } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { acceptRequest, type Submitted } from "./accept-request.js";
import { callHash, makingText } from "./cache-hash.js";
import { canonicalJson, sha256 } from "./canonical.js";
import { type PreparedImage, prepareImage } from "./prepare-image.js";

const IDEMPOTENCY_SECONDS = 24 * 3600;
/** A request that takes longer than this is given up on. */
const DEADLINE_SECONDS: Record<MediaType, number> = { video: 1800, image: 600 };

/** One generation, whatever it makes; what a route's body says, in one form. */
export interface GenerationWish {
  mediaType: MediaType;
  model: string;
  prompt: string;
  imageUrl: string | null;
  durationSeconds: number;
  size: WishedSize | null;
  count: number;
  params: GivenParams;
  webhookUrl: string | null;
  callbackId: string | null;
  metadata: Record<string, string>;
  /** Null for the media type's own. */
  deadlineSeconds: number | null;
  cache: CacheMode;
  /** False: hand out the provider's own URL. */
  copyOutput: boolean;
}

export interface SubmitCommand {
  organization: string;
  wish: GenerationWish;
  /** The caller's own provider keys by provider. */
  callerKeys: Record<string, string | undefined>;
  /** `body`: what the same key must come with again. */
  idempotency: { key: string; body: object } | null;
}

export async function submitRequest(deps: Deps, command: SubmitCommand): Promise<Submitted> {
  refuseUnderPressure(deps);
  const { wish } = command;
  const { urlPolicy } = deps.settings;
  const model = findModel(deps, wish.model, wish.mediaType);
  const callerKey = pickProviderKey(deps, model.provider, command.callerKeys);
  const webhookFault = wish.webhookUrl === null ? null : urlFault(wish.webhookUrl, urlPolicy);
  if (webhookFault !== null) throw invalid("webhook_url", `webhook_url ${webhookFault}.`, "https URL");
  const planned = plan(model, wish, (url) => urlFault(url, urlPolicy));
  const prepared = wish.imageUrl === null ? null : await prepareImage(wish.imageUrl, urlPolicy);

  const id = deps.newRequestId();
  const now = deps.clock.now();
  const { endpoint, durationSeconds, size, count, estimatedCostMicro } = planned;
  const image = await settleImage(deps, command.organization, id, prepared);
  const simulated = deps.settings.providers.get(model.provider)?.simulated ?? false;
  const copyOutput = deps.settings.copyOutputs && wish.copyOutput;
  const input = { prompt: wish.prompt, image, durationSeconds, size, count, params: wish.params.values };
  const mayCache = copyOutput && wish.cache !== "off";
  const { webhookUrl, callbackId, metadata } = wish;
  const making = makingText({ model: model.id, simulated, input }, prepared);
  const record = newRequest({
    id,
    organization: command.organization,
    mediaType: wish.mediaType,
    model: model.id,
    endpoint,
    provider: model.provider,
    mode: callerKey === null ? "managed" : "byok",
    simulated,
    input,
    createdAt: now,
    deadlineAt: now + (wish.deadlineSeconds ?? DEADLINE_SECONDS[wish.mediaType]) * 1000,
    estimatedCostMicro,
    copyOutput,
    call: {
      hash: callHash(making, { callerKey, copyOutput, webhookUrl, callbackId, metadata }),
      isDeliberate: command.idempotency !== null || wish.cache !== "use",
    },
    cache: cacheState(wish.cache, mayCache ? sha256(making) : null),
    webhookUrl,
    callbackId,
    metadata,
  });
  return acceptRequest(deps, { record, callerKey, idempotency: idempotencyOf(command) });
}

/** Only outputs that we keep can be shown again. */
function cacheState(mode: CacheMode, hash: string | null): CacheState {
  const reason = hash === null ? "off" : mode === "refresh" ? "refreshed" : "miss";
  return { hash, reason, leaderId: null, sharedFrom: null, avoidedCostMicro: 0 };
}

function idempotencyOf({ idempotency, wish }: SubmitCommand): AcceptCommand["idempotency"] {
  if (idempotency === null) return null;
  const given = Object.fromEntries(Object.entries(idempotency.body).filter(([, value]) => value !== null));
  const bodyHash = sha256(`${wish.mediaType}\n${canonicalJson(given)}`);
  return { keyHash: sha256(idempotency.key), bodyHash, ttlSeconds: IDEMPOTENCY_SECONDS };
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
  if (deps.settings.providers.get(provider)?.apiKey) return null;
  const header = `X-${provider.charAt(0).toUpperCase()}${provider.slice(1)}-Key`;
  const message = `This server has no key for ${provider}; send your own as ${header}.`;
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
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
