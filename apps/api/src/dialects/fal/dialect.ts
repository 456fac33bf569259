/** The API of fal (docs.fal.ai/model-apis): its queue, its calls that wait, and its uploads. */
import { VisgateError } from "@visgate/shared/errors";
import type { Deps } from "../../deps.js";
import type { Answer, Ctx, Handler } from "../../http/route.js";
import type { Dialect } from "../dialect.js";
import { errorShape } from "./errors.js";
import { NAMES, PREFIX } from "./names.js";
import { cancel, createGetStatus, createStatusStreams, getResult, submitAt } from "./requests.js";
import { targetOf } from "./target.js";
import { initiateUpload, LONG_UPLOADS, putUpload, refuseLargeUpload, UPLOAD_PATH } from "./uploads.js";
import { getWebhookKeys, KEYS_PATHS } from "./webhook-keys.js";

/** SDKs leave out all but the first two parts of the endpoint. Only the id counts. */
const REQUEST_PATH = /\/requests\/(?<id>[^/]+)(?<what>\/.+)?$/;

/** Every call may come to one URL, with what it asks for in a header. So the paths are told apart here. */
function serve(deps: Deps): Handler {
  const streamStatus = createStatusStreams(deps);
  const ofRequest: Record<string, (c: Ctx, id: string) => Promise<Answer>> = {
    "GET ": (c, id) => getResult(deps, c, id),
    "GET /response": (c, id) => getResult(deps, c, id),
    "GET /status": createGetStatus(deps),
    "GET /status/stream": streamStatus,
    "PUT /cancel": (c, id) => cancel(deps, c, id),
  };
  return (c) => {
    const { method } = c.req;
    const target = targetOf(c);
    const { id = "", what = "" } = REQUEST_PATH.exec(target.path)?.groups ?? {};
    const answerRequest = id === "" ? undefined : ofRequest[`${method} ${what}`];
    if (answerRequest !== undefined) return answerRequest(c, id);
    if (method === "POST" && target.path === "storage/upload/initiate") return initiateUpload(deps, c);
    if (method === "POST" && target.path === "storage/upload/initiate-multipart") return refuseLargeUpload();
    if (method === "POST" && target.path !== "" && target.service !== "rest") return submitAt(deps, c, target);
    throw new VisgateError(
      "NOT_FOUND",
      `There is nothing at ${method} ${target.path}. docs/dialects.md has its calls.`,
    );
  };
}

export const fal: Dialect = {
  ...NAMES,
  prefix: PREFIX,
  errorShape,
  longUploads: LONG_UPLOADS,
  routes: [
    ["PUT", UPLOAD_PATH, "signed-url", putUpload],
    ...KEYS_PATHS.map((path) => ["GET", path, "none", getWebhookKeys] as const),
    ["POST", "/*", "generate", serve],
    ["GET", "/*", "own-request", serve],
    ["PUT", "/*", "generate", serve],
  ],
};
