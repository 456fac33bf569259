/** A request as one of Replicate's predictions (replicate.com/docs/reference/http), in answers and in webhooks. */

import { type DialectNames, nameOf } from "@visgate/shared/catalogue";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import { isoTime } from "@visgate/shared/units";
import type { WebhookForm, WordsContext } from "../words.js";

export const NAMES: DialectNames = { name: "replicate", namespace: "replicate" };
export const PREFIX = "/replicate/v1";

const STATUS = { pending: "starting", processing: "processing", completed: "succeeded", failed: "failed" } as const;

export function predictionOf({ fileUrls, catalogue, publicBase }: WordsContext, record: RequestRecord) {
  const { id, input, createdAt, startedAt, completedAt, failure } = record;
  const { output_urls: urls } = requestView(record, fileUrls);
  const model = catalogue.get(record.model);
  const own = `${publicBase}${PREFIX}/predictions/${id}`;
  return {
    id,
    model: model === undefined ? record.model : nameOf(NAMES, model),
    version: "hidden",
    input: { prompt: input.prompt, ...input.params },
    logs: "",
    output: urls.length === 0 ? null : input.count === null ? urls[0] : urls,
    data_removed: false,
    error: failure === null ? null : failure.message,
    status: failure?.code === "CANCELLED" ? "canceled" : STATUS[record.status],
    created_at: isoTime(createdAt),
    started_at: startedAt === null ? null : isoTime(startedAt),
    completed_at: completedAt === null ? null : isoTime(completedAt),
    urls: { get: own, cancel: `${own}/cancel` },
    metrics: completedAt === null || startedAt === null ? {} : { predict_time: (completedAt - startedAt) / 1000 },
    source: "api",
  };
}

/** Replicate signs by Standard Webhooks, as this server signs all webhooks. */
export const webhookForm: WebhookForm = {
  bodyOf: (record, context) => predictionOf(context, record),
};
