/** The calls about requests: submit one, ask for its status or its result, follow it, cancel it. */
import { resultOf, resultStatus } from "@visgate/providers/fal/words";
import { VisgateError } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord, requestView } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../../deps.js";
import { answer, answerJson } from "../../http/answer.js";
import { readJson } from "../../http/body.js";
import { errorAnswer, failureError } from "../../http/errors.js";
import type { Answer, Ctx } from "../../http/route.js";
import { validate } from "../../http/validate.js";
import { createEventStreams, EVENT_STREAM_HEADERS, type EventSource } from "../../routes/event-stream.js";
import { requestNotFound } from "../../use-cases/read-request.js";
import { type Follower, followRequest, type StatusUpdate } from "../../waiting/follow.js";
import { cancelUnlessEnded, createStatusAnswers, readOwn, submit, whenEnded } from "../generate.js";
import { errorShape } from "./errors.js";
import { readInput } from "./input.js";
import { NAMES, requestIdHeader } from "./names.js";
import type { Target } from "./target.js";
import { statusOf } from "./views.js";

/** Leaves room for an image of 5 MB in base64. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const body = z.record(z.string(), z.unknown());

/** The queue answers at once; `direct` waits, and answers with the result. */
export async function submitAt(deps: Deps, c: Ctx, { path, query, service }: Target): Promise<Answer> {
  const input = validate(body, await readJson(c, MAX_BODY_BYTES));
  const asked = readInput(deps, path, input);
  const webhook = { webhookUrl: query.get("fal_webhook"), webhookForm: NAMES.name };
  const call = { asked: { ...asked, ...webhook }, body: { path, input } };
  const record = await submit(deps, c, NAMES, call);
  if (service !== "direct") return answerStatus(deps, c, record);
  const ended = await whenEnded(deps, c, record, deps.settings.syncWaitSeconds);
  if (!isTerminal(ended.status)) throw stillRendering(deps, ended);
  if (ended.failure === null) return answerResult(deps, c, ended);
  return answerFailure(deps, c, ended, failureError(ended, deps.settings.unsettledSeconds));
}

/** fal's SDK repeats the call after a 504, and an equal call gets the request that is in flight. */
function stillRendering(deps: Deps, record: RequestRecord): VisgateError {
  const { response_url } = statusOf(deps, requestView(record, deps.fileUrls));
  const message =
    "The request still renders. Send the same call again: it waits for this request and costs nothing more.";
  return new VisgateError("UNAVAILABLE", message, { request_id: record.id, response_url }, 504);
}

export const createGetStatus = (deps: Deps): ((c: Ctx, id: string) => Promise<Answer>) =>
  createStatusAnswers(
    deps,
    (record) => statusOf(deps, requestView(record, deps.fileUrls)),
    ({ id }) => requestIdHeader(id),
  );

const answerStatus = (deps: Deps, c: Ctx, record: RequestRecord) =>
  answerJson(c, statusOf(deps, requestView(record, deps.fileUrls)), 200, requestIdHeader(record.id));

export async function getResult(deps: Deps, c: Ctx, id: string): Promise<Answer> {
  const record = await readOwn(deps, c, id);
  // @ai-sdk/fal knows a request that goes on by this very text.
  if (!isTerminal(record.status))
    return answerJson(c, { detail: "Request is still in progress" }, 400, requestIdHeader(id));
  if (record.failure === null) return answerResult(deps, c, record);
  const { code, message, details } = failureError(record, deps.settings.unsettledSeconds);
  const failure = new VisgateError(code, message, details, resultStatus(record.failure, record));
  return answerFailure(deps, c, record, failure);
}

const answerResult = (deps: Deps, c: Ctx, record: RequestRecord) =>
  answerJson(c, resultOf(deps, record), 200, requestIdHeader(record.id));

const answerFailure = (deps: Deps, c: Ctx, { id }: RequestRecord, failure: VisgateError) =>
  errorAnswer(c, failure, deps.log, { extra: requestIdHeader(id), shape: errorShape });

/** A request that was cancelled before is answered as the first time, because SDKs repeat a call whose answer was lost. */
export async function cancel(deps: Deps, c: Ctx, id: string): Promise<Answer> {
  const record = await readOwn(deps, c, id);
  const hasEnded = isTerminal(record.status) || !(await cancelUnlessEnded(deps, record));
  const isRefused = hasEnded && record.failure?.code !== "CANCELLED";
  const status = isRefused ? "ALREADY_COMPLETED" : "CANCELLATION_REQUESTED";
  return answerJson(c, { status }, isRefused ? 400 : 202, requestIdHeader(id));
}

/** Server-sent events, one for each change of the status that fal shows. */
export function createStatusStreams(deps: Deps): (c: Ctx, id: string) => Promise<Answer> {
  const openStream = createEventStreams(deps);
  return async (c, id) => {
    const follower = await followRequest(deps, await readOwn(deps, c, id), null);
    if (follower === null || follower === "ended") throw requestNotFound(id);
    const stream = openStream(statusEvents(deps, follower));
    return answer(c, stream, 200, { ...EVENT_STREAM_HEADERS, ...requestIdHeader(id) });
  };
}

function statusEvents(deps: Deps, follower: Follower): EventSource {
  let last = "";
  const eventText = ({ status }: StatusUpdate): string => {
    const text = `data: ${JSON.stringify(statusOf(deps, status))}\n\n`;
    const isNew = text !== last;
    last = text;
    return isNew ? text : "";
  };
  return {
    async next() {
      for (;;) {
        const updates = await follower.next().catch(() => null);
        if (updates === null) return null;
        const text = updates.map(eventText).join("");
        if (text !== "") return text;
      }
    },
    stop: follower.stop,
  };
}
