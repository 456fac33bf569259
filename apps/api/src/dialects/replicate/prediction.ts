/** A request as one of Replicate's predictions. */
import { isoTime, type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { type DialectNames, nameOf } from "../dialect.js";

const STATUS = { pending: "starting", processing: "processing", completed: "succeeded", failed: "failed" } as const;

export function predictionOf(deps: Deps, names: DialectNames, record: RequestRecord) {
  const { id, input, createdAt, startedAt, completedAt, failure } = record;
  const { output_urls: urls } = requestView(record, deps.fileUrls);
  const model = deps.catalogue.get(record.model);
  const own = `${deps.settings.publicBase}/replicate/v1/predictions/${id}`;
  return {
    id,
    model: model === undefined ? record.model : nameOf(names, model),
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
