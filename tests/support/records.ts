/** Valid request records in each state. */
import { type GenerationInput, plan } from "@visgate/shared/catalogue";
import type { Failure } from "@visgate/shared/errors";
import { newRequestId } from "@visgate/shared/ids";
import { type ApiKey, hashApiKey, prefixOf, SCOPES } from "@visgate/shared/organization";
import type { Alternative, Fallback, Intent, RequestRecord, Transition } from "@visgate/shared/request";
import { newRecord } from "../../apps/api/src/use-cases/new-record.js";
import { model } from "./catalogue.js";

/** 2026-01-01T00:00:00Z. Not the current time, so that code that uses the real clock fails the test. */
export const T0 = 1_767_225_600_000;

/** A time limit that `accept` never exceeds. */
export const NEVER_LATE = Number.MAX_SAFE_INTEGER;

export const PROMPT_TEXT = "a lighthouse in a storm, private-prompt-text";

const INPUT: GenerationInput = {
  ...{ mediaType: "video", model: "fal-ai/veo3", prompt: PROMPT_TEXT, imageUrl: null },
  ...{ durationSeconds: 6, size: null, count: 1, params: { values: {}, fieldOf: (name) => name } },
  ...{ webhookUrl: null, callbackId: null, metadata: {} },
  ...{ deadlineSeconds: null, cache: "off", priority: "normal", copyOutput: true, fallback: [] },
};

export function pendingRecord(overrides: Partial<RequestRecord> = {}): RequestRecord {
  const id = overrides.id ?? newRequestId(T0);
  const account = overrides.mode === "byok" ? "caller" : "server";
  const accepted = newRecord(
    INPUT,
    plan(model(INPUT.model), INPUT, () => null),
    { image: null, media: [] },
    {
      ...{ id, organization: "acme", createdAt: T0, account, simulated: true, copyOutput: true },
      ...{ day: "2026-01-01", apiKeyId: "key_1", tag: "" },
      call: { hash: `call-${id}`, isDeliberate: false },
      cache: { hash: null, reason: "off", leaderId: null, sharedFrom: null, avoidedCostMicro: 0 },
    },
  );
  return { ...accepted, ...overrides };
}

export function intent(overrides: Partial<Intent> = {}): Intent {
  return { attempt: 1, at: T0 + 10, token: "token", leaseId: "lease-1", uploadedUrl: null, ...overrides };
}

export function submitIntended(given: { at: number; attempt?: number; awaitsReport?: boolean }) {
  const { at, attempt = 1, awaitsReport = false } = given;
  return { name: "submit_intended", intent: intent({ at, attempt }), awaitsReport } satisfies Transition;
}

/** A request whose submit is under way, or was under way when its worker died. */
export function intendedRecord(overrides: Partial<RequestRecord> = {}): RequestRecord {
  return pendingRecord({
    attempts: 1,
    intent: intent(),
    chargeState: "held",
    ...overrides,
  });
}

export function processingRecord(overrides: Partial<RequestRecord> = {}): RequestRecord {
  return intendedRecord({ status: "processing", startedAt: T0 + 100, providerRequestId: "job-1", ...overrides });
}

export function renderedRecord(overrides: Partial<RequestRecord> = {}): RequestRecord {
  return processingRecord({
    rendered: {
      outputs: [{ url: "https://media.example.com/a.mp4" }],
      copyAttempts: 0,
      at: T0,
      withheld: 0,
      copies: [],
    },
    costMicro: 2_400_000,
    costSource: "provider",
    chargeState: "charged",
    ...overrides,
  });
}

/** The other models of a request; the input of each is the same. */
export function fallbackOf(...models: string[]): Fallback {
  const alternatives = models.map((model): Alternative => {
    const [provider = "", ...endpoint] = model.split("/");
    return {
      ...{ model, provider, endpoint: endpoint.join("/"), account: "server", simulated: true },
      ...{ input: { durationSeconds: 8, size: null, count: null, params: {} }, estimatedCostMicro: 7 },
    };
  });
  return { alternatives, tried: [] };
}

export function failure(overrides: Partial<Failure> = {}): Failure {
  return { code: "PROVIDER_ERROR", message: "it broke", retryable: true, charged: false, ...overrides };
}

/** An API key with all scopes, as it is stored. */
export function apiKeyOf(overrides: Partial<ApiKey>, key: string): ApiKey {
  return {
    ...{ v: 1, id: "key_1", organization: "acme", name: "ci", hash: hashApiKey(key), prefix: prefixOf(key) },
    ...{ scopes: SCOPES, models: null, requestsPerMinute: null, createdAt: T0, expiresAt: null },
    ...overrides,
  };
}
