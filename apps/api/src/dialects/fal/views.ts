/** The status of a request, as fal's queue shows it. */
import { errorTypeOf } from "@visgate/providers/fal/words";
import type { RequestStatus } from "@visgate/shared/contract";
import type { Deps } from "../../deps.js";
import { PREFIX } from "./names.js";

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
