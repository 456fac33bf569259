/** Turns a caller's input into an accepted request. Everything is checked before anything is written or spent. */
import { type GenerationInput, givenMedia, type Plan, plan } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { dayOf } from "@visgate/shared/money";
import { type ApiKey, keysByProvider, type Organization } from "@visgate/shared/organization";
import type { AskedSize, CacheMode, CacheState, CallIdentity, RequestRecord } from "@visgate/shared/request";
import { checkUrl } from "@visgate/shared/runtime/net";
import type { AcceptCommand, Rates } from "@visgate/shared/store";
import { callHash, canonicalJson, fallbackText, makingText, sha256 } from "../cache/cache-hash.js";
import type { Deps } from "../deps.js";
import { acceptRequest, type Submitted } from "./accept-request.js";
import { checkOutputsArePublic, findModel, requireModel } from "./check-model.js";
import { isSimulated } from "./is-simulated.js";
import { newRecord } from "./new-record.js";
import { type CallerKeys, requireKey } from "./pick-key.js";
import { type PlannedAlternative, planFallback } from "./plan-fallback.js";
import { identityOf, type PreparedInput, prepareInputs, storeInputs } from "./prepare-inputs.js";
import { resolveRoute } from "./resolve-route.js";
import { traceSend } from "./trace-send.js";
import { whyRefused } from "./why-refused.js";
import { withinRateLimits } from "./within-rate-limits.js";

const IDEMPOTENCY_SECONDS = 24 * 3600;

export interface SubmitCommand {
  apiKey: ApiKey;
  organization: Organization;
  input: GenerationInput;
  callerKeys: CallerKeys;
  /** `body`: the same key must come with an equal body again. */
  idempotency: { key: string; body: object } | null;
  /** Without a key, an equal call gets this request while it is in flight, and until its caller has asked for it. */
  joinsRepeats?: boolean;
  /** The request that this call makes again. */
  againOf?: string;
  /** The hash of the Idempotency-Key of the call for many requests that this one is part of. */
  bulkKeyHash?: string | undefined;
  /** Called when the rate limits of the call were asked; not called without any. */
  onRates: (rates: Rates) => void;
}

export async function submitRequest(deps: Deps, command: SubmitCommand): Promise<Submitted> {
  refuseUnlessAccepting(deps);
  const checked = await checkCall(deps, command);
  const { apiKey, organization, onRates } = command;
  const idempotency = idempotencyOf(command);
  const isRepeated = async () =>
    idempotency !== null && (await deps.store.requests.isKeyUsed(organization.id, idempotency.keyHash));
  const accept = async () => {
    const record = await makeRecord(deps, command, checked);
    const keys = keysText(checked);
    const encryptedProviderKey = keys === null ? null : deps.secrets.encrypt(keys, record.id);
    const { maxOpen } = organization.limits;
    return acceptRequest(deps, { record, encryptedProviderKey, idempotency, maxOpen });
  };
  return withinRateLimits(deps, { apiKey, organization, onRates, isRepeated }, () =>
    traceSend(deps.tracing, checked.planned.model.provider, accept),
  );
}

interface CheckedCall {
  input: GenerationInput;
  planned: Plan;
  prepared: PreparedInput[];
  account: RequestRecord["account"];
  /** The key of the caller or of the organization; null for the server's. */
  ownKey: string | null;
  copyOutput: boolean;
  /** The models of `fallback`. */
  alternatives: readonly PlannedAlternative[];
}

/** Everything that the call itself can be refused for. Writes nothing. */
async function checkCall(deps: Deps, command: SubmitCommand): Promise<CheckedCall> {
  const { apiKey: caller, callerKeys } = command;
  const organization = command.organization.id;
  const checked = withCheckedWebhookUrl(deps, command.input);
  const input = await resolveRoute(deps, { apiKey: caller, organization, input: checked, callerKeys });
  const { urlPolicy, copyOutputs } = deps.settings;
  const model = findModel(deps, input.model, input.mediaType);
  requireModel(caller, model);
  const { provider } = model;
  const { account, apiKey } = await requireKey(deps, { organization, provider, callerKeys });
  const copyOutput = copyOutputs && input.copyOutput;
  if (!copyOutput) checkOutputsArePublic(provider, copyOutputs);
  const planned = plan(model, input, (url) => checkUrl(url, urlPolicy).href);
  const alternatives = await planFallback(deps, { apiKey: caller, organization, input, callerKeys, copyOutput });
  const prepared = await prepareInputs(deps, organization, givenMedia(input), input.convert);
  const ownKey = account === "server" ? null : apiKey;
  return { input, planned, prepared, account, ownKey, copyOutput, alternatives };
}

/** Stores the inputs that the record holds as files. */
async function makeRecord(deps: Deps, command: SubmitCommand, checked: CheckedCall): Promise<RequestRecord> {
  const { id: organization, timeZone, usageTag } = command.organization;
  const { input, planned, prepared, account, copyOutput, alternatives } = checked;
  const id = deps.newRequestId();
  const createdAt = deps.clock.now();
  const inputs = await storeInputs(deps, { organization, id }, prepared);
  const { againOf, bulkKeyHash } = command;
  const simulated = isSimulated(deps, planned.model.provider);
  const others = alternatives.map(({ alternative }) => alternative);
  const making = makingText(planned, simulated, identityOf(prepared)) + fallbackText(others);
  return newRecord(input, planned, inputs, {
    id,
    organization,
    createdAt,
    simulated,
    copyOutput,
    day: dayOf(createdAt, timeZone),
    apiKeyId: command.apiKey.id,
    tag: tagOf(input, usageTag),
    account,
    call: { hash: callHash(making, input, { ownKey: keysText(checked), copyOutput, againOf }), ...repeatsOf(command) },
    cache: cacheState(input.cache, copyOutput && input.cache !== "off" ? sha256(making) : null),
    ...(others.length === 0 ? {} : { fallback: { alternatives: others, tried: [], asked: askedSize(input) } }),
    ...(bulkKeyHash === undefined ? {} : { bulkKeyHash }),
    traceparent: deps.tracing.current().traceparent,
  });
}

const askedSize = ({ durationSeconds, size }: GenerationInput): AskedSize => ({ durationSeconds, size });

/** The keys that are not the server's, as a record of this kind keeps them; null when there is none. */
function keysText({ planned, ownKey, alternatives }: CheckedCall): string | null {
  if (alternatives.length === 0) return ownKey;
  const all = [{ provider: planned.model.provider, ownKey }].concat(
    alternatives.map(({ alternative, ownKey }) => ({ provider: alternative.provider, ownKey })),
  );
  return keysByProvider(all);
}

function repeatsOf({ idempotency, input, joinsRepeats = false, againOf }: SubmitCommand): Omit<CallIdentity, "hash"> {
  if (idempotency !== null) return { isDeliberate: true };
  if (!joinsRepeats) return { isDeliberate: input.cache !== "use" };
  return { isDeliberate: false, joinsRepeats, ...(againOf === undefined ? {} : { isAgain: true }) };
}

const MAX_TAG = 100;

/**
 * By what the organization breaks its usage down; "" without it. Whole characters, because Redis cannot decode the
 * JSON of half a one.
 */
function tagOf({ metadata }: GenerationInput, usageTag: string | null): string {
  if (usageTag === null || !Object.hasOwn(metadata, usageTag)) return "";
  return [...(metadata[usageTag] ?? "")].slice(0, MAX_TAG).join("").toWellFormed();
}

/** The input with the URL in the form in which it was checked. */
export function withCheckedWebhookUrl(deps: Deps, input: GenerationInput): GenerationInput {
  if (input.webhookUrl === null) return input;
  const { href, fault } = checkUrl(input.webhookUrl, deps.settings.urlPolicy);
  if (fault !== null) throw invalid("webhook_url", `webhook_url ${fault}.`, "https URL");
  return href === input.webhookUrl ? input : { ...input, webhookUrl: href };
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

/** The reason is for operators (GET /health). Callers can only wait. */
function refuseUnlessAccepting(deps: Deps): void {
  if (whyRefused(deps) === null) return;
  const message = "The service accepts nothing now. Nothing was accepted; send the same call again shortly.";
  throw new VisgateError("UNAVAILABLE", message);
}
