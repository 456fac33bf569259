/** Turns a caller's input into an accepted request. Everything is checked before anything is written or spent. */
import { providerOf } from "@visgate/providers";
import { type CatalogueModel, type GenerationInput, plan } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { inputKey } from "@visgate/shared/outputs";
import type { CacheMode, CacheState, ImageInput, MediaType } from "@visgate/shared/request";
import { urlFault } from "@visgate/shared/runtime/net";
import type { AcceptCommand } from "@visgate/shared/store";
import { callHash, canonicalJson, makingText, sha256 } from "../cache/cache-hash.js";
import type { Deps } from "../deps.js";
import { acceptRequest, type Submitted } from "./accept-request.js";
import { modelNotFound } from "./model-not-found.js";
import { newRecord } from "./new-record.js";
import { outputsAway } from "./outputs-away.js";
import { type PreparedImage, prepareImage } from "./prepare-image.js";

const IDEMPOTENCY_SECONDS = 24 * 3600;

export interface SubmitCommand {
  organization: string;
  input: GenerationInput;
  /** The caller's own provider keys by provider. */
  callerKeys: Record<string, string | undefined>;
  /** `body`: the same key must come with an equal body again. */
  idempotency: { key: string; body: object } | null;
}

export async function submitRequest(deps: Deps, command: SubmitCommand): Promise<Submitted> {
  refuseUnderPressure(deps);
  const { organization, input } = command;
  const { urlPolicy, copyOutputs, providers } = deps.settings;
  const model = findModel(deps, input.model, input.mediaType);
  const callerKey = pickProviderKey(deps, model.provider, command.callerKeys);
  checkWebhookUrl(deps, input.webhookUrl);
  const copyOutput = copyOutputs && input.copyOutput;
  if (!copyOutput) checkOutputsArePublic(model.provider, copyOutputs);
  const planned = plan(model, input, (url) => urlFault(url, urlPolicy));
  const prepared = input.imageUrl === null ? null : await prepareImage(input.imageUrl, urlPolicy);

  const id = deps.newRequestId();
  const createdAt = deps.clock.now();
  const image = await storeImage(deps, organization, id, prepared);
  const simulated = providers.get(model.provider)?.simulated ?? false;
  const making = makingText(planned, simulated, prepared?.identity ?? null);
  const record = newRecord(input, planned, image, {
    ...{ id, organization, createdAt, simulated, copyOutput },
    mode: callerKey === null ? "managed" : "byok",
    call: {
      hash: callHash(making, input, { callerKey, copyOutput }),
      isDeliberate: command.idempotency !== null || input.cache !== "use",
    },
    cache: cacheState(input.cache, copyOutput && input.cache !== "off" ? sha256(making) : null),
  });
  const encryptedProviderKey = callerKey === null ? null : deps.secrets.encrypt(callerKey, id);
  return acceptRequest(deps, { record, encryptedProviderKey, idempotency: idempotencyOf(command) });
}

/** Some providers hand out outputs only to the key that made them. Callers could not fetch those by themselves. */
function checkOutputsArePublic(provider: string, copyOutputs: boolean): void {
  if (!providerOf(provider).manifest.outputsNeedKey) return;
  if (copyOutputs) throw invalid("skip_gcs_upload", `skip_gcs_upload must be false for ${provider}.`, [false]);
  const message = `${provider} can only be used by a server that keeps outputs: its operator can set OUTPUT_STORE.`;
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
}

function checkWebhookUrl(deps: Deps, url: string | null): void {
  const fault = url === null ? null : urlFault(url, deps.settings.urlPolicy);
  if (fault !== null) throw invalid("webhook_url", `webhook_url ${fault}.`, "https URL");
}

/** Only an output that is stored here can serve another request. */
function cacheState(mode: CacheMode, hash: string | null): CacheState {
  const reason = hash === null ? "off" : mode === "refresh" ? "refreshed" : "miss";
  return { hash, reason, leaderId: null, sharedFrom: null, avoidedCostMicro: 0 };
}

function idempotencyOf({ idempotency, input }: SubmitCommand): AcceptCommand["idempotency"] {
  if (idempotency === null) return null;
  const given = Object.fromEntries(Object.entries(idempotency.body).filter(([, value]) => value !== null));
  const bodyHash = sha256(`${input.mediaType}\n${canonicalJson(given)}`);
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
  if (model?.mediaType === mediaType) return model;
  const allowed = [...deps.catalogue.values()].filter((one) => one.mediaType === mediaType).map((one) => one.id);
  if (model === undefined) throw modelNotFound(id, allowed, { field: "model" });
  throw invalid("model", `model: ${model.id} makes ${model.mediaType}s, not ${mediaType}s.`, allowed);
}

/** The caller's own key, or null for the server's key. */
function pickProviderKey(deps: Deps, provider: string, callerKeys: SubmitCommand["callerKeys"]): string | null {
  const callerKey = callerKeys[provider];
  if (callerKey !== undefined && callerKey !== "") return callerKey;
  if ((deps.settings.providers.get(provider)?.apiKey ?? null) !== null) return null;
  const { callerKeyHeader, baseUrlVariable } = providerOf(provider).manifest;
  const message =
    callerKeyHeader === null
      ? `This server has no address for ${provider}: its operator can set ${baseUrlVariable}.`
      : `This server has no key for ${provider}; send your own as ${callerKeyHeader}.`;
  throw new VisgateError("PROVIDER_NOT_CONFIGURED", message, { provider });
}

/** What the record holds of the image. A large image goes to the output store. */
async function storeImage(
  deps: Deps,
  organization: string,
  id: string,
  prepared: PreparedImage | null,
): Promise<ImageInput | null> {
  if (prepared === null || prepared.kind === "ready") return prepared?.image ?? null;
  if (deps.outputsHealth.fault() !== null) throw outputsAway();
  const key = inputKey(organization, id, prepared.image.extension);
  await deps.outputs.put(key, oneChunk(prepared.image.bytes)).catch((error) => {
    deps.log.error({ err: error }, "an image could not be stored");
    throw outputsAway();
  });
  return { kind: "stored", key, contentType: prepared.image.contentType };
}

async function* oneChunk(bytes: Uint8Array) {
  yield bytes;
}
