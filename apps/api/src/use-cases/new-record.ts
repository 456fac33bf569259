/** The record of a new request, as it is accepted. */
import type { GenerationInput, Plan } from "@visgate/shared/catalogue";
import { type MediaType, modeOf, type RequestRecord } from "@visgate/shared/request";
import type { StoredInputs } from "./prepare-inputs.js";

/** A request that takes longer than this is given up. */
const DEADLINE_SECONDS: Record<MediaType, number> = { video: 1800, image: 600 };

/** What neither the caller's input nor the plan contains. */
type Rest = Pick<
  RequestRecord,
  | "id"
  | "organization"
  | "createdAt"
  | "day"
  | "apiKeyId"
  | "tag"
  | "account"
  | "simulated"
  | "copyOutput"
  | "call"
  | "cache"
  | "fallback"
  | "bulkKeyHash"
> & { traceparent?: string | undefined };

/** One literal, because spreading objects of this size would take a tenth of a submit's time. */
export function newRecord(input: GenerationInput, plan: Plan, inputs: StoredInputs, rest: Rest): RequestRecord {
  const record: RequestRecord = {
    v: 1,
    id: rest.id,
    organization: rest.organization,
    mediaType: input.mediaType,
    model: plan.model.id,
    endpoint: plan.endpoint,
    provider: plan.model.provider,
    mode: modeOf(rest.account),
    account: rest.account,
    simulated: rest.simulated,
    priority: input.priority,
    input: { ...plan.input, image: inputs.image, ...(inputs.media.length === 0 ? {} : { media: inputs.media }) },
    status: "pending",
    createdAt: rest.createdAt,
    day: rest.day,
    apiKeyId: rest.apiKeyId,
    tag: rest.tag,
    startedAt: null,
    completedAt: null,
    deadlineAt: rest.createdAt + (input.deadlineSeconds ?? DEADLINE_SECONDS[input.mediaType]) * 1000,
    attempts: 0,
    intent: null,
    search: null,
    providerRequestId: null,
    awaitsReport: false,
    cancelRequestedAt: null,
    missingSince: null,
    progress: null,
    queuePosition: null,
    rendered: null,
    outputs: [],
    failure: null,
    chargeState: "none",
    estimatedCostMicro: plan.estimatedCostMicro,
    heldMicro: plan.estimatedCostMicro ?? 0,
    costMicro: 0,
    costSource: null,
    copyOutput: rest.copyOutput,
    call: rest.call,
    cache: rest.cache,
    webhookUrl: input.webhookUrl,
    callbackId: input.callbackId,
    metadata: input.metadata,
  };
  if (rest.fallback !== undefined) record.fallback = rest.fallback;
  if (input.webhookForm !== undefined) record.webhookForm = input.webhookForm;
  if (plan.uncheckedParams.length > 0) record.paramsUnchecked = true;
  if (rest.bulkKeyHash !== undefined) record.bulkKeyHash = rest.bulkKeyHash;
  if (rest.traceparent !== undefined) record.traceparent = rest.traceparent;
  return record;
}
