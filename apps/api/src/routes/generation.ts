/** What the generation routes share: Prefer, idempotency, waiting, and the answers 200, 202 and the failure. */

import type { GenerationInput } from "@visgate/shared/catalogue";
import { type Acknowledgement, acknowledgement, type RequestStatus } from "@visgate/shared/contract";
import type { ErrorCode } from "@visgate/shared/errors";
import { isTerminal, promisedUrl, type RequestRecord } from "@visgate/shared/request";
import { isoTime } from "@visgate/shared/units";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { callerKeyHeaders, readCallerKeys } from "../http/caller-keys.js";
import { errorAnswer, failureError } from "../http/errors.js";
import { idempotencyKey, readIdempotencyKey } from "../http/idempotency-key.js";
import { type Preference, parsePrefer } from "../http/prefer.js";
import { type Answer, type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { FAILURES, failedDependency } from "../openapi/errors.js";
import { headers, RATE_HEADERS } from "../openapi/headers.js";
import { linksTo } from "../openapi/links.js";
import type { Submitted } from "../use-cases/accept-request.js";
import { submitRequest } from "../use-cases/submit-request.js";
import { waitForTerminal } from "../waiting/long-poll.js";

export interface Generation<Body extends object, Query> {
  bodySchema: z.ZodType<Body>;
  /** Leaves room for a data: URI on routes that take one. */
  maxBodyBytes: number;
  readQuery(c: Ctx): Query;
  inputOf(body: Body): GenerationInput;
  /** The body of the 200. */
  result(deps: Deps, record: RequestRecord, query: Query): unknown;
}

export const generationHeaders = z.object({
  prefer: z.string().meta({ example: "respond-async" }).optional().describe("respond-async, or wait=N (seconds)."),
  "idempotency-key": idempotencyKey.optional().describe("Kept 24 hours."),
  ...callerKeyHeaders.shape,
});

export const generationResponses = (description: string, schema: z.ZodType): Route["docs"]["responses"] => ({
  200: {
    description,
    headers: headers("Preference-Applied", "Idempotency-Replayed", ...RATE_HEADERS),
    content: json(schema),
    links: linksTo(["getRequest", "listDeliveries", "deleteRequest"], { id: "$response.body#/id" }),
  },
  202: {
    description: "Accepted; poll status_url.",
    headers: headers("Location", "Preference-Applied", "Idempotency-Replayed", ...RATE_HEADERS),
    content: json(acknowledgement),
    links: linksTo(["getRequest", "streamRequestEvents", "listDeliveries", "cancelRequest", "deleteRequest"], {
      id: "$response.body#/request_id",
    }),
  },
  424: failedDependency,
});

/** What a generation can answer beside what every call with a body can. */
export const GENERATION_ERRORS: readonly ErrorCode[] = [
  ...(["BUDGET_EXCEEDED", "MODEL_NOT_FOUND", "IDEMPOTENCY_CONFLICT"] as const),
  ...FAILURES,
];

/** What the documentation of every generation route says about waiting. */
export const WAITING =
  "Without Prefer, the answer waits for the output, at most SYNC_WAIT_SECONDS. After that it is the 202 of the async " +
  "form, and the generation continues. Other top-level keys count as model params.";

export function generationHandler<Body extends object, Query>(generation: Generation<Body, Query>): Route["handler"] {
  return (deps) => async (c) => {
    const { key, prefer } = readCall(deps, c);
    const query = generation.readQuery(c);
    const body = validate(generation.bodySchema, await readJson(c, generation.maxBodyBytes));
    const submitted = await submitRequest(deps, {
      apiKey: c.get("apiKey"),
      organization: c.get("organization"),
      input: generation.inputOf(body),
      callerKeys: readCallerKeys(c),
      idempotency: key === null ? null : { key, body },
      onRates: (rates) => c.set("rates", rates),
    });
    return answerSubmitted(deps, c, { submitted, prefer }, (record) => generation.result(deps, record, query));
  };
}

/** What a call that generates has in its headers. */
export function readCall(deps: Deps, c: Ctx): { key: string | null; prefer: Preference } {
  return {
    key: readIdempotencyKey(c.req.header("idempotency-key")),
    prefer: parsePrefer(c.req.header("prefer"), deps.settings.syncWaitSeconds),
  };
}

type ResultOf = (record: RequestRecord) => unknown;

/** Waits as the caller prefers. `resultOf`: the body of the 200. */
export async function answerSubmitted(
  deps: Deps,
  c: Ctx,
  { submitted, prefer }: { submitted: Submitted; prefer: Preference },
  resultOf: ResultOf,
): Promise<Answer> {
  c.set("requestId", submitted.record.id);
  const headers: Record<string, string> = {};
  if (submitted.replayed) headers["Idempotency-Replayed"] = "true";
  if (prefer.applied !== null) headers["Preference-Applied"] = prefer.applied;
  const waitSeconds = prefer.waitSeconds ?? deps.settings.syncWaitSeconds;
  const ended = waitSeconds === 0 ? null : await endOf(deps, c, submitted.record, waitSeconds);
  if (ended === null) return acknowledge(deps, c, submitted, headers);
  try {
    return answerEnd(deps, c, { submitted, ended, headers }, resultOf);
  } catch (error) {
    // The request is accepted and may be paid. A 500 would look as if the same call could be sent again.
    deps.log.error({ err: error, requestId: submitted.record.id }, "a request ended, but its answer failed");
    return acknowledge(deps, c, submitted, headers);
  }
}

interface End {
  submitted: Submitted;
  ended: RequestRecord;
  headers: Record<string, string>;
}

function answerEnd(deps: Deps, c: Ctx, { submitted, ended, headers }: End, resultOf: ResultOf) {
  const record = submitted.unsettled ? asUnsettled(ended) : ended;
  if (record.failure === null) return answerJson(c, resultOf(record), 200, headers);
  const failure = failureError(record, deps.settings.unsettledSeconds);
  if (submitted.unsettled) failure.details["cache_reason"] = "unsettled";
  return errorAnswer(c, failure, deps.log, { extra: headers });
}

/** The answer shows an earlier request, and says so. */
function asUnsettled(record: RequestRecord): RequestRecord {
  return { ...record, cache: { ...record.cache, reason: "unsettled" } };
}

/**
 * Null when the request did not end in time, or Redis failed meanwhile. Both leave the request accepted. A request that
 * the cache completed is not read again.
 */
async function endOf(deps: Deps, c: Ctx, record: RequestRecord, seconds: number): Promise<RequestRecord | null> {
  if (isTerminal(record.status)) return record;
  const wait = { timeoutMs: seconds * 1000, signal: c.req.raw.signal };
  const found = await waitForTerminal(deps, record, wait).catch(() => null);
  return found !== null && isTerminal(found.doc.status) ? found.doc : null;
}

function acknowledge(deps: Deps, c: Ctx, submitted: Submitted, headers: Record<string, string>): Answer {
  const { record, unsettled } = submitted;
  const { id, model, provider } = record;
  const location = `/api/v1/requests/${id}`;
  const body: Acknowledgement = {
    id,
    request_id: id,
    status: "pending",
    model,
    provider,
    created_at: isoTime(record.createdAt),
    status_url: deps.settings.publicBase + location,
    output_url_when_ready: promisedUrl(record, deps.fileUrls),
  };
  if (unsettled) body.cache_reason = "unsettled";
  headers["Location"] = location;
  return answerJson(c, body, 202, headers);
}

/** The fields that the results of videos and images share. */
export function commonResult(view: RequestStatus) {
  const { id, model, provider, mode, cost, cache_hit, cache_reason, created_at } = view;
  return {
    ...{ id, model, provider, mode, cost, cache_hit, cache_reason, created_at },
    ...(cache_hit ? { provider_cost_avoided_micro: view.provider_cost_avoided_micro } : {}),
    latency_ms: view.latency_ms ?? 0,
  };
}
