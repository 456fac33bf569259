/** What the generation routes have in common: Prefer, idempotency, waiting, and the three ways to answer. */
import type { GenerationInput } from "@visgate/shared/catalogue";
import { type Acknowledgement, acknowledgement, errorBody } from "@visgate/shared/contract";
import { isoTime, isTerminal, promisedUrl, type RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../deps.js";
import type { Submitted } from "../use-cases/accept-request.js";
import { submitRequest } from "../use-cases/submit-request.js";
import { waitForTerminal } from "../waiting/wait.js";
import { answerJson } from "./answer.js";
import { readJson } from "./body.js";
import { callerKeyHeaders, readCallerKeys } from "./caller-keys.js";
import { errorAnswer, failureError } from "./errors.js";
import { parsePrefer } from "./prefer.js";
import { type Ctx, json, type Route } from "./route.js";
import { validate } from "./validate.js";

export interface Generation<Body extends object, Query> {
  bodySchema: z.ZodType<Body>;
  /** With room for a data: URI where one is taken. */
  maxBodyBytes: number;
  readQuery(c: Ctx): Query;
  inputOf(body: Body): GenerationInput;
  result(deps: Deps, record: RequestRecord, query: Query): unknown;
}

export const generationHeaders = z.object({
  prefer: z.string().optional().describe("respond-async, or wait=N (seconds)."),
  "idempotency-key": z.string().min(1).max(255).optional().describe("Kept 24 hours."),
  ...callerKeyHeaders.shape,
});

export const generationResponses = (description: string, schema: z.ZodType): Route["docs"]["responses"] => ({
  200: { description, content: json(schema) },
  202: { description: "Accepted; poll status_url.", content: json(acknowledgement) },
  424: {
    description:
      "The request failed, and money was or may have been spent (details.charge_state), or the same call would fail " +
      "again: do not repeat it as it is. An answer of 429 or 5xx means that nothing was spent and that the same call " +
      "may be sent again.",
    content: json(errorBody),
  },
});

/** What every generation route says about waiting. */
export const WAITING =
  "Without Prefer the answer is held until the output is there, at most SYNC_WAIT_SECONDS; then it is the 202 of the " +
  "async form and the generation goes on. Other top-level keys are model params too.";

export function generationHandler<Body extends object, Query>(generation: Generation<Body, Query>): Route["handler"] {
  return (deps) => async (c) => {
    const idempotencyKey = readIdempotencyKey(c.req.header("idempotency-key"));
    const prefer = parsePrefer(c.req.header("prefer"), deps.settings.syncWaitSeconds);
    const query = generation.readQuery(c);
    const body = validate(generation.bodySchema, await readJson(c, generation.maxBodyBytes));
    const submitted = await submitRequest(deps, {
      organization: c.get("apiKey").organization,
      input: generation.inputOf(body),
      callerKeys: readCallerKeys(c),
      idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body },
    });
    c.set("requestId", submitted.record.id);
    const headers: Record<string, string> = {};
    if (submitted.replayed) headers["Idempotency-Replayed"] = "true";
    if (prefer.applied !== null) headers["Preference-Applied"] = prefer.applied;
    const waitSeconds = prefer.waitSeconds ?? deps.settings.syncWaitSeconds;
    const ended = waitSeconds === 0 ? null : await waitForEnd(deps, c, submitted.record, waitSeconds);
    try {
      return answerEnd(deps, c, { submitted, ended, headers }, (record) => generation.result(deps, record, query));
    } catch (error) {
      // It is accepted, and may be paid: no fault of ours from here on may look as if the call could be sent again.
      deps.log.error({ err: error, requestId: submitted.record.id }, "the end of a request could not be answered");
      return acknowledge(deps, c, submitted, headers);
    }
  };
}

interface End {
  submitted: Submitted;
  /** Null while it has not ended. */
  ended: RequestRecord | null;
  headers: Record<string, string>;
}

function answerEnd(deps: Deps, c: Ctx, { submitted, ended, headers }: End, resultOf: (of: RequestRecord) => unknown) {
  if (ended === null) return acknowledge(deps, c, submitted, headers);
  const record = submitted.unsettled ? asUnsettled(ended) : ended;
  if (record.failure === null) return answerJson(c, resultOf(record), 200, headers);
  const failure = failureError(record, deps.settings.unsettledSeconds);
  if (submitted.unsettled) failure.details["cache_reason"] = "unsettled";
  return errorAnswer(c, failure, deps.log, headers);
}

/** What this call gets is an earlier request, and the answer says so. */
function asUnsettled(record: RequestRecord): RequestRecord {
  return { ...record, cache: { ...record.cache, reason: "unsettled" } };
}

function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  return validate(z.object({ "Idempotency-Key": z.string().min(1).max(255) }), { "Idempotency-Key": header })[
    "Idempotency-Key"
  ];
}

/** Null when it had not ended in time, or Redis went away: the request is accepted either way. */
async function waitForEnd(deps: Deps, c: Ctx, record: RequestRecord, seconds: number): Promise<RequestRecord | null> {
  const wait = { timeoutMs: seconds * 1000, signal: c.req.raw.signal };
  const found = await waitForTerminal(deps, record, wait).catch(() => null);
  return found !== null && isTerminal(found.doc.status) ? found.doc : null;
}

function acknowledge(deps: Deps, c: Ctx, submitted: Submitted, headers: Record<string, string>): Response {
  const { record, unsettled } = submitted;
  const { id, model, provider } = record;
  const location = `/api/v1/requests/${id}`;
  const body: Acknowledgement = {
    ...{ id, request_id: id, status: "pending", model, provider },
    created_at: isoTime(record.createdAt),
    status_url: deps.settings.publicBase + location,
    ...(unsettled ? { cache_reason: "unsettled" as const } : {}),
    output_url_when_ready: promisedUrl(record, deps.fileUrls),
  };
  return answerJson(c, body, 202, { ...headers, Location: location });
}
