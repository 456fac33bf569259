/** The API that `@ai-sdk/gateway` calls for videos and images (docs/dialects.md; its source is its only documentation). */
import { Readable } from "node:stream";
import type { CatalogueModel } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../../deps.js";
import { answer, answerJson } from "../../http/answer.js";
import { readJson } from "../../http/body.js";
import { failureError } from "../../http/errors.js";
import type { Ctx, Handler } from "../../http/route.js";
import { validate } from "../../http/validate.js";
import { EVENT_STREAM_HEADERS } from "../../routes/event-stream.js";
import { type Dialect, type DialectNames, modelOf, nameOf } from "../dialect.js";
import { readOwn, submit, whenEnded } from "../generate.js";
import { imageBody, readImage, readVideo, videoBody } from "./body.js";
import { errorShape } from "./errors.js";
import { answerTexts } from "./outputs.js";
import { videoEvents } from "./video-events.js";

/** Leaves room for two images of 5 MB in base64. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Node.js waits at most 300 s for the head of an answer. */
const MAX_WAIT_SECONDS = 240;
const NAMES: DialectNames = { name: "ai-gateway", namespace: null };
const MODEL_HEADER = "ai-model-id";

const statusBody = z.object({ operation: z.object({ id: z.string() }) });

/** @throws VisgateError MODEL_NOT_FOUND, or VALIDATION_ERROR when it makes something else */
function modelIn(deps: Deps, c: Ctx, mediaType: CatalogueModel["mediaType"]): CatalogueModel {
  const id = c.req.header(MODEL_HEADER);
  if (id === undefined) throw invalid(MODEL_HEADER, `Send the header ${MODEL_HEADER} with the id of a model.`);
  const model = knownModel(deps, id);
  if (model.mediaType === mediaType) return model;
  throw invalid(MODEL_HEADER, `${model.id} makes ${model.mediaType}s, not ${mediaType}s.`);
}

function knownModel(deps: Deps, id: string): CatalogueModel {
  try {
    return modelOf(deps, NAMES, id);
  } catch (error) {
    // Where the SDK looks for it.
    if (error instanceof VisgateError) error.details["modelId"] = id;
    throw error;
  }
}

async function submitVideo(deps: Deps, c: Ctx): Promise<RequestRecord> {
  const body = validate(videoBody, await readJson(c, MAX_BODY_BYTES));
  const model = modelIn(deps, c, "video");
  return submit(deps, c, NAMES, { asked: readVideo(model, body), body: { ...body, model: model.id } });
}

/** Answers with the events of a stream, of which the SDK reads the first that has data. */
const generateVideo =
  (deps: Deps): Handler =>
  async (c) => {
    const record = await submitVideo(deps, c);
    const events = Readable.from(videoEvents(deps, record, c.req.raw.signal), { objectMode: false });
    return answer(c, Readable.toWeb(events) as ReadableStream, 200, EVENT_STREAM_HEADERS);
  };

const startVideo =
  (deps: Deps): Handler =>
  async (c) =>
    answerJson(c, { operation: { id: (await submitVideo(deps, c)).id } });

const videoStatus =
  (deps: Deps): Handler =>
  async (c) => {
    const { operation } = validate(statusBody, await readJson(c));
    const record = await readOwn(deps, c, operation.id);
    if (!isTerminal(record.status)) return answerJson(c, { status: "pending" });
    if (record.failure === null) return answerOutputs(deps, c, record, { status: "completed" });
    const { code, message } = record.failure;
    return answerJson(c, code === "CANCELLED" ? { status: "cancelled" } : { status: "error", error: message });
  };

async function answerOutputs(deps: Deps, c: Ctx, record: RequestRecord, head: object) {
  const texts = Readable.from(await answerTexts(deps, record, head), { objectMode: false });
  return answer(c, Readable.toWeb(texts) as ReadableStream, 200, { "Content-Type": "application/json" });
}

const generateImage =
  (deps: Deps): Handler =>
  async (c) => {
    if (!deps.settings.copyOutputs) throw NO_IMAGES;
    const body = validate(imageBody, await readJson(c, MAX_BODY_BYTES));
    const model = modelIn(deps, c, "image");
    const record = await submit(deps, c, NAMES, { asked: readImage(model, body), body: { ...body, model: model.id } });
    const shown = await whenEnded(deps, c, record, MAX_WAIT_SECONDS);
    if (!isTerminal(shown.status)) throw STILL_MADE;
    if (shown.failure !== null) throw failureError(shown, deps.settings.unsettledSeconds);
    return answerOutputs(deps, c, shown, {});
  };

const NO_IMAGES = new VisgateError(
  "PROVIDER_NOT_CONFIGURED",
  "This call answers with the image, and this server keeps no outputs: its operator can set OUTPUT_STORE.",
);
const STILL_MADE = new VisgateError("UNAVAILABLE", "The image is still being made; send the same call again.");

const config =
  (deps: Deps): Handler =>
  (c) =>
    answerJson(c, { models: [...deps.catalogue.values()].map(entryOf) });

function entryOf(model: CatalogueModel) {
  const { name, description, provider, mediaType } = model;
  const id = nameOf(NAMES, model);
  return {
    id,
    name,
    description,
    specification: { specificationVersion: "v4", provider, modelId: id },
    modelType: mediaType,
  };
}

export const aiGateway: Dialect = {
  ...NAMES,
  prefix: "/ai-gateway",
  errorShape,
  routes: [
    ["POST", "/video-model", "generate", generateVideo],
    ["POST", "/video-model/start", "generate", startVideo],
    ["POST", "/video-model/status", "own-request", videoStatus],
    ["POST", "/image-model", "generate", generateImage],
    ["GET", "/config", "any-key", config],
  ],
};
