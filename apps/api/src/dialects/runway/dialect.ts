/** The API of Runway (docs.dev.runwayml.com/api): tasks that make videos and images. */
import { isTerminal } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { answer, answerJson } from "../../http/answer.js";
import { readJson } from "../../http/body.js";
import { readFormFile } from "../../http/form-file.js";
import type { Handler } from "../../http/route.js";
import { validate } from "../../http/validate.js";
import { MAX_FILE_BYTES, storeCallerFile } from "../../use-cases/caller-files.js";
import { deleteRequest } from "../../use-cases/delete-request.js";
import { type Dialect, type DialectNames, modelOf } from "../dialect.js";
import { cancelUnlessEnded, readOwn, statusHandler, submit } from "../generate.js";
import { initiateUpload, requireUpload } from "../signed-upload.js";
import { type Endpoint, readTask, taskBody } from "./body.js";
import { errorShape } from "./errors.js";
import { createdTask, taskOf } from "./task.js";

/** Leaves room for two images of 5 MB in base64. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const NAMES: DialectNames = { name: "runway", namespace: "runway" };
const PREFIX = "/runway";

const create =
  (endpoint: Endpoint) =>
  (deps: Deps): Handler =>
  async (c) => {
    const body = validate(taskBody, await readJson(c, MAX_BODY_BYTES));
    const asked = readTask(modelOf(deps, NAMES, body.model), endpoint, body);
    return answerJson(c, createdTask(await submit(deps, c, NAMES, { asked, body })));
  };

const get = (deps: Deps): Handler => statusHandler(deps, (record) => taskOf(deps, record));

/**
 * Cancels a task that runs, and deletes one that has ended, with its output. The SDKs repeat a call whose answer was
 * lost: so that no repeat of a cancel deletes a paid output, a task that was to be cancelled is kept.
 */
const cancelOrDelete =
  (deps: Deps): Handler =>
  async (c) => {
    const record = await readOwn(deps, c, c.req.param("id") ?? "");
    const done = answer(c, null, 204, {});
    if (record.cancelRequestedAt !== null) return done;
    if (isTerminal(record.status)) await deleteRequest(deps, record);
    else await cancelUnlessEnded(deps, record);
    return done;
  };

const STORAGE = "/storage";

/** Runway's own address of an upload begins with `runway:`; here it is the URL of the file. */
const createUpload =
  (deps: Deps): Handler =>
  (c) => {
    const { uploadUrl, fileUrl } = initiateUpload(deps, c, `${PREFIX}${STORAGE}`);
    return answerJson(c, { uploadUrl, fields: {}, runwayUri: fileUrl });
  };

const receiveUpload =
  (deps: Deps): Handler =>
  async (c) => {
    const file = requireUpload(deps, c);
    const form = { field: "file", maxBytes: MAX_FILE_BYTES, ignored: ["metadata"] };
    await readFormFile(c, form, (content) => storeCallerFile(deps, { ...file, field: form.field }, content));
    return answer(c, null, 204, {});
  };

const video = (name: string, takes: Endpoint["takes"]) => create({ name, mediaType: "video", takes });

export const runway: Dialect = {
  ...NAMES,
  prefix: PREFIX,
  errorShape,
  longUploads: `${PREFIX}${STORAGE}/`,
  routes: [
    ["POST", "/v1/text_to_video", "generate", video("text_to_video", "nothing")],
    ["POST", "/v1/image_to_video", "generate", video("image_to_video", "image")],
    ["POST", "/v1/video_to_video", "generate", video("video_to_video", "video")],
    ["POST", "/v1/character_performance", "generate", video("character_performance", "video")],
    ["POST", "/v1/video_upscale", "generate", video("video_upscale", "video")],
    ["POST", "/v1/text_to_image", "generate", create({ name: "text_to_image", mediaType: "image", takes: "nothing" })],
    ["GET", "/v1/tasks/{id}", "own-request", get, "hot"],
    ["DELETE", "/v1/tasks/{id}", "generate", cancelOrDelete],
    ["POST", "/v1/uploads", "generate", createUpload],
    ["POST", `${STORAGE}/{organization}/{id}`, "signed-url", receiveUpload],
  ],
};
