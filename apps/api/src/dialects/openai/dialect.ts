/** The videos of the OpenAI API, as its SDKs call them (openai 6.49, 7.59; for Python 3.57). */
import { invalid, VisgateError } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { answerJson } from "../../http/answer.js";
import { failureError } from "../../http/errors.js";
import type { Answer, Ctx, Handler } from "../../http/route.js";
import { sendOutput, sendPoster } from "../../http/send-output.js";
import { deleteRequest } from "../../use-cases/delete-request.js";
import { requestNotFound } from "../../use-cases/read-request.js";
import { type Dialect, type DialectNames, modelOf } from "../dialect.js";
import { cancelUnlessEnded, readOwn, statusHandler, submit, whenEnded } from "../generate.js";
import { errorShape } from "./errors.js";
import { listVideos } from "./list.js";
import { askedOf, readCall } from "./read-call.js";
import { pollHeaders, videoOf } from "./video.js";

const NAMES: DialectNames = { name: "openai", namespace: null };
/** What can be downloaded of a video. */
const VARIANTS = ["video", "thumbnail"];
/** How long a delete waits for the end of a video that it cancels. */
const CANCEL_SECONDS = 10;

const answerVideo = (deps: Deps, c: Ctx, record: RequestRecord): Answer =>
  answerJson(c, videoOf(deps, record), 200, pollHeaders(record));

const create =
  (deps: Deps): Handler =>
  async (c) => {
    const call = await readCall(c);
    const asked = askedOf(modelOf(deps, NAMES, call.body.model), call);
    return answerVideo(deps, c, await submit(deps, c, NAMES, { asked, body: call.body }));
  };

async function readVideo(deps: Deps, c: Ctx): Promise<RequestRecord> {
  return requireVideo(await readOwn(deps, c, c.req.param("id") ?? ""));
}

function requireVideo(record: RequestRecord): RequestRecord {
  if (record.mediaType !== "video") throw requestNotFound(record.id);
  return record;
}

const get = (deps: Deps): Handler => statusHandler(deps, (record) => videoOf(deps, requireVideo(record)), pollHeaders);

const content =
  (deps: Deps): Handler =>
  async (c) => {
    const variant = c.req.query("variant") ?? "video";
    if (!VARIANTS.includes(variant)) {
      throw invalid("variant", "variant must be video or thumbnail; this server makes no spritesheets.", VARIANTS);
    }
    const record = await readVideo(deps, c);
    if (record.failure !== null) throw failureError(record, deps.settings.unsettledSeconds);
    if (!isTerminal(record.status)) throw notReady(record, "download it when its status is completed");
    const expires = deps.fileUrls.expiryOf(record.createdAt);
    return variant === "thumbnail"
      ? sendPoster(deps, c, { record, expires })
      : sendOutput(deps, c, { record, index: 0, expires });
  };

const list =
  (deps: Deps): Handler =>
  async (c) => {
    const { records, hasMore } = await listVideos(deps, c);
    return answerJson(c, {
      object: "list",
      data: records.map((record) => videoOf(deps, record)),
      first_id: records[0]?.id ?? null,
      last_id: records.at(-1)?.id ?? null,
      has_more: hasMore,
    });
  };

/** A video in flight is cancelled first: the OpenAI API has no other call that stops it. */
const remove =
  (deps: Deps): Handler =>
  async (c) => {
    const record = await readVideo(deps, c);
    const ended = isTerminal(record.status) ? record : await cancelled(deps, c, record);
    if (!isTerminal(ended.status)) throw notReady(ended, "it is being cancelled, so delete it again in some seconds");
    await deleteRequest(deps, record);
    return answerJson(c, { id: record.id, object: "video.deleted", deleted: true });
  };

async function cancelled(deps: Deps, c: Ctx, record: RequestRecord): Promise<RequestRecord> {
  await cancelUnlessEnded(deps, record);
  return whenEnded(deps, c, record, CANCEL_SECONDS);
}

function notReady({ id, status }: RequestRecord, todo: string): VisgateError {
  return new VisgateError("NOT_TERMINAL", `The video is not ready; ${todo}.`, { request_id: id, status });
}

const unsupported = (): Handler => () => {
  throw new VisgateError(
    "BAD_REQUEST",
    "This server makes no video out of another one; make a new one by POST /videos.",
  );
};

export const openai: Dialect = {
  ...NAMES,
  prefix: "/openai/v1",
  errorShape,
  routes: [
    ["POST", "/videos", "generate", create],
    ["GET", "/videos", "read", list],
    ["GET", "/videos/{id}", "own-request", get, "hot"],
    ["DELETE", "/videos/{id}", "generate", remove],
    ["GET", "/videos/{id}/content", "own-request", content],
    ["POST", "/videos/{id}/remix", "generate", unsupported],
    ["POST", "/videos/edits", "generate", unsupported],
    ["POST", "/videos/extensions", "generate", unsupported],
  ],
};
