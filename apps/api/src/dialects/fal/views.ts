/** A request as fal's queue shows it: its status, and its result. */
import { extname } from "node:path";
import type { RequestStatus } from "@visgate/shared/contract";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { errorTypeOf } from "./errors.js";
import { PREFIX } from "./names.js";
import { sizeOf } from "./sizes.js";

/** `view`: as our own API shows the request. A request that failed is COMPLETED, too. Its result is the failure. */
export function statusOf({ settings }: Pick<Deps, "settings">, view: RequestStatus) {
  const { id, model, status, queue_position: position, error_code: code, error_message: message } = view;
  // fal's SDK makes its own URLs, of the first two parts of the endpoint.
  const url = `${settings.publicBase}${PREFIX}/${model.split("/").slice(0, 2).join("/")}/requests/${id}`;
  const urls = { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
  if (status === "pending" || (status === "processing" && position !== null))
    return { status: "IN_QUEUE", request_id: id, ...urls, queue_position: position ?? 0 };
  // Callers go through the logs without a look whether there are any.
  if (status === "processing") return { status: "IN_PROGRESS", request_id: id, ...urls, logs: [] };
  const failure = code === null ? {} : { error: message, error_type: errorTypeOf(code) ?? "internal_error" };
  return { status: "COMPLETED", request_id: id, ...urls, logs: [], metrics: metricsOf(view), ...failure };
}

function metricsOf({ started_at: started, completed_at: completed }: RequestStatus) {
  return started === null || completed === null ? {} : { inference_time: secondsBetween(started, completed) };
}

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

/** Of a request that has completed. */
export function resultOf({ fileUrls }: Pick<Deps, "fileUrls">, record: RequestRecord) {
  const { output_urls: urls } = requestView(record, fileUrls);
  const files = urls.map((url, index) => ({ url, ...fileOf(record, index) }));
  const { seed } = record.input.params;
  const given = seed === undefined ? {} : { seed };
  if (record.mediaType === "video") return { video: files[0], ...given };
  const images = files.map((file) => ({ ...file, ...sizeOf(record) }));
  // Images that the provider flags are not returned.
  return { images, ...given, has_nsfw_concepts: images.map(() => false), prompt: record.input.prompt };
}

/** What is known of an output that was copied. */
function fileOf({ id, outputs }: RequestRecord, index: number) {
  const output = outputs[index];
  if (output?.kind !== "stored") return {};
  const { contentType, bytes, key } = output;
  return { content_type: contentType, file_size: bytes, file_name: `${id}-${index}${extname(key)}` };
}
