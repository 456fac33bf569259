/** The API of Replicate (replicate.com/docs/reference/http): predictions of models, and their lists. */

import { NAMES, PREFIX, predictionOf } from "@visgate/providers/replicate/words";
import type { CatalogueModel } from "@visgate/shared/catalogue";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../../deps.js";
import { answerJson } from "../../http/answer.js";
import { readJson } from "../../http/body.js";
import type { Ctx, Handler } from "../../http/route.js";
import { validate } from "../../http/validate.js";
import { getWebhookSecret } from "../../routes/identity.js";
import { listRequests } from "../../use-cases/list-requests.js";
import { NO_FILTERS } from "../../use-cases/request-filters.js";
import { type Asked, type Dialect, modelOf } from "../dialect.js";
import { frameOf, readFrame } from "../frame.js";
import { cancelUnlessEnded, readOwn, statusHandler, submit, whenEnded } from "../generate.js";
import { readProviderBody } from "../provider-body.js";
import { errorShape } from "./errors.js";
import { createFile, deleteFile, getFile } from "./files.js";

/** Leaves room for an image of 5 MB in base64. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const PAGE = 100;
const MAX_WAIT_SECONDS = 60;

const body = z.object({
  input: z.record(z.string(), z.unknown()),
  /** `owner/name`, with or without a version, which decides nothing here. */
  version: z.string().optional(),
  webhook: z.string().nullish(),
  /** A request has one event for its webhook, its end. */
  webhook_events_filter: z.array(z.enum(["start", "output", "logs", "completed"])).nullish(),
});

const viewOf = ({ fileUrls, catalogue, settings }: Deps, record: RequestRecord) =>
  predictionOf({ fileUrls, catalogue, publicBase: settings.publicBase }, record);

/** `Prefer: wait` waits for the end; without it the prediction is answered as it began. */
async function create(deps: Deps, c: Ctx, modelIn: (given: z.infer<typeof body>) => CatalogueModel) {
  const given = validate(body, await readJson(c, MAX_BODY_BYTES));
  const model = modelIn(given);
  const asked = { ...readInput(model, given.input), ...webhookOf(given) };
  const record = await submit(deps, c, NAMES, { asked, body: given });
  const shown = await whenEnded(deps, c, record, waitSecondsOf(c.req.header("prefer")));
  // A client that waits takes "processing" for the end of its wait.
  return answerJson(c, { ...viewOf(deps, shown), ...(isTerminal(shown.status) ? {} : { status: "starting" }) }, 201);
}

function webhookOf({ webhook, webhook_events_filter: events }: z.infer<typeof body>): Partial<Asked> {
  const isWanted = events == null || events.includes("completed");
  return { webhookUrl: isWanted ? (webhook ?? null) : null, webhookForm: NAMES.name };
}

/** `@ai-sdk/replicate` sends a size as `size: "1280x720"` to every model. */
function readInput(model: CatalogueModel, { size, ...input }: Record<string, unknown>): Asked {
  const isOwn = Object.values(model.variants).some((variant) => Object.hasOwn(variant?.params ?? {}, "size"));
  if (isOwn || typeof size !== "string") return readProviderBody(model, { ...input, size }, "input.");
  const asked = readProviderBody(model, input, "input.");
  const place = { hasImage: asked.imageUrl != null, field: "input.size" };
  const frame = frameOf(model, readFrame(size, place.field), place);
  return { ...asked, ...frame, params: { ...asked.params, ...frame.params } };
}

/** `wait` or `wait=n`; anything else waits for nothing. */
function waitSecondsOf(prefer = ""): number {
  const [found, seconds = MAX_WAIT_SECONDS] = /\bwait(?:=(\d{1,4}))?/.exec(prefer) ?? [];
  return found === undefined ? 0 : Math.min(Number(seconds), MAX_WAIT_SECONDS);
}

const createOfModel =
  (deps: Deps): Handler =>
  (c) =>
    create(deps, c, () => modelOf(deps, NAMES, `${c.req.param("owner")}/${c.req.param("name")}`));

const createOfVersion =
  (deps: Deps): Handler =>
  (c) =>
    create(deps, c, ({ version = "" }) => modelOf(deps, NAMES, version.replace(/:.*$/, "")));

const get = (deps: Deps): Handler => statusHandler(deps, (record) => viewOf(deps, record));

/** A prediction that has ended is answered as it is. */
const cancel =
  (deps: Deps): Handler =>
  async (c) => {
    const record = await readOwn(deps, c, c.req.param("id") ?? "");
    if (isTerminal(record.status)) return answerJson(c, viewOf(deps, record));
    await cancelUnlessEnded(deps, record);
    return answerJson(c, viewOf(deps, await readOwn(deps, c, record.id)));
  };

const list =
  (deps: Deps): Handler =>
  async (c) => {
    const query = { filters: NO_FILTERS, limit: PAGE, cursor: c.req.query("cursor") ?? null };
    const { records, nextCursor } = await listRequests(deps, c.get("apiKey").organization, query);
    const base = `${deps.settings.publicBase}${PREFIX}/predictions`;
    return answerJson(c, {
      previous: null,
      next: nextCursor === null ? null : `${base}?cursor=${nextCursor}`,
      results: records.map((record) => viewOf(deps, record)),
    });
  };

export const replicate: Dialect = {
  ...NAMES,
  prefix: PREFIX,
  errorShape,
  longUploads: "/replicate/v1/files",
  routes: [
    ["POST", "/models/{owner}/{name}/predictions", "generate", createOfModel, "hot"],
    ["POST", "/predictions", "generate", createOfVersion, "hot"],
    ["GET", "/predictions", "read", list],
    ["POST", "/files", "generate", createFile],
    ["GET", "/files/{id}", "own-request", getFile],
    ["DELETE", "/files/{id}", "generate", deleteFile],
    ["GET", "/predictions/{id}", "own-request", get, "hot"],
    ["POST", "/predictions/{id}/cancel", "generate", cancel],
    ["GET", "/webhooks/default/secret", "manage", getWebhookSecret.handler],
  ],
};
