/** A request as it is accepted, before any worker has touched it. */
import type { RequestRecord } from "./request.js";

type Given =
  | "id"
  | "organization"
  | "mediaType"
  | "model"
  | "endpoint"
  | "provider"
  | "mode"
  | "simulated"
  | "input"
  | "createdAt"
  | "deadlineAt"
  | "estimatedCostMicro"
  | "copyOutput"
  | "call"
  | "cache"
  | "webhookUrl"
  | "callbackId"
  | "metadata";

/** Field by field: spreading two objects of this size costs a submit a tenth of its time. */
export function newRequest(given: Pick<RequestRecord, Given>): RequestRecord {
  return {
    v: 1,
    id: given.id,
    organization: given.organization,
    mediaType: given.mediaType,
    model: given.model,
    endpoint: given.endpoint,
    provider: given.provider,
    mode: given.mode,
    simulated: given.simulated,
    input: given.input,
    status: "pending",
    createdAt: given.createdAt,
    startedAt: null,
    completedAt: null,
    deadlineAt: given.deadlineAt,
    attempts: 0,
    intent: null,
    search: null,
    providerRequestId: null,
    awaitsWebhook: false,
    cancelRequestedAt: null,
    missingSince: null,
    progress: null,
    queuePosition: null,
    rendered: null,
    outputs: [],
    failure: null,
    chargeState: "none",
    estimatedCostMicro: given.estimatedCostMicro,
    costMicro: 0,
    costSource: null,
    copyOutput: given.copyOutput,
    call: given.call,
    cache: given.cache,
    webhookUrl: given.webhookUrl,
    callbackId: given.callbackId,
    metadata: given.metadata,
  };
}
