/** POST /videos/generate: async answers 202 at once; sync holds the caller until the video is there. */
import { type Acknowledgement, acknowledgement } from "@visgate/shared/contract/request";
import { generateVideoBody, type VideoResult, videoResult } from "@visgate/shared/contract/video";
import { VisgateError } from "@visgate/shared/domain/errors";
import { microToUsd } from "@visgate/shared/domain/money";
import type { RequestRecord } from "@visgate/shared/domain/request";
import { isTerminal } from "@visgate/shared/domain/state";
import { isoTime, requestView } from "@visgate/shared/view";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { errorAnswer } from "../http/errors.js";
import { parsePrefer } from "../http/prefer.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { submitRequest } from "../use-cases/submit-request.js";
import { waitForTerminal } from "../use-cases/wait.js";

const MAX_BODY_BYTES = 8 * 1024 * 1024;

const headers = z.object({
  prefer: z.string().optional().describe("respond-async, or wait=N (seconds)."),
  "idempotency-key": z.string().min(1).max(255).optional().describe("Kept 24 hours."),
  "x-fal-key": z.string().optional().describe("The caller's own fal key for this request."),
});

export const generateVideo: Route = {
  method: "post",
  path: "/videos/generate",
  auth: "key",
  docs: {
    summary: "Generate a video",
    description:
      "From a prompt, or from an image when image_url is given. Without Prefer the answer is held until the video is there, " +
      "at most SYNC_WAIT_SECONDS; then it is the 202 of the async form and the generation goes on. " +
      "Other top-level keys are model params too.",
    tags: ["Videos"],
    request: { headers, body: { required: true, content: json(generateVideoBody) } },
    responses: {
      200: { description: "The video is there.", content: json(videoResult) },
      202: { description: "Accepted; poll status_url.", content: json(acknowledgement) },
    },
  },
  handler: (deps) => async (c) => {
    const idempotencyKey = readIdempotencyKey(c.req.header("idempotency-key"));
    const prefer = parsePrefer(c.req.header("prefer"), deps.settings.syncWaitSeconds);
    const body = validate(generateVideoBody, await readJson(c, MAX_BODY_BYTES));
    const callerKeys = { fal: c.req.header("x-fal-key") };
    const { organization } = c.get("apiKey");
    const submitted = await submitRequest(deps, { organization, mediaType: "video", body, callerKeys, idempotencyKey });
    c.set("requestId", submitted.record.id);
    const headers: Record<string, string> = {};
    if (submitted.replayed) headers["Idempotency-Replayed"] = "true";
    if (prefer.applied !== null) headers["Preference-Applied"] = prefer.applied;
    const waitSeconds = prefer.waitSeconds ?? deps.settings.syncWaitSeconds;
    const ended = waitSeconds === 0 ? null : await waitForEnd(deps, c, submitted.record, waitSeconds);
    if (ended === null) return acknowledge(deps, c, submitted.record, headers);
    if (ended.failure !== null) return errorAnswer(c, failureError(ended), deps.log, headers);
    return answerJson(c, result(deps, ended), 200, headers);
  },
};

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

function acknowledge(deps: Deps, c: Ctx, record: RequestRecord, headers: Record<string, string>): Response {
  const { id, model, provider } = record;
  const location = `/api/v1/requests/${id}`;
  const body: Acknowledgement = {
    ...{ id, request_id: id, status: "pending", model, provider },
    created_at: isoTime(record.createdAt),
    status_url: deps.settings.publicBase + location,
  };
  return answerJson(c, body, 202, { ...headers, Location: location });
}

function failureError(record: RequestRecord): VisgateError {
  const { code, message, retryable } = record.failure ?? {
    code: "PROVIDER_ERROR",
    message: "failed",
    retryable: false,
  };
  const details = { request_id: record.id, provider: record.provider, retryable, charge_state: record.chargeState };
  return new VisgateError(code, message, details);
}

function result(deps: Deps, record: RequestRecord): VideoResult {
  const view = requestView(record, deps.fileUrls);
  return {
    id: view.id,
    video_url: view.output_url ?? "",
    model: view.model,
    provider: view.provider,
    mode: view.mode,
    cost: microToUsd(record.costMicro),
    cache_hit: view.cache_hit,
    latency_ms: view.latency_ms ?? 0,
    created_at: view.created_at,
    duration_seconds: view.duration_seconds,
  };
}
