/** A request as the answer of a tool: a text, the structured output, and a link to each output. */
import type { RequestStatus } from "@visgate_ai/client";
import { z } from "zod";
import { toApiNames } from "../screen/api-fields.js";
import { chargeText, oneLine, seconds, usd } from "../screen/text.js";
import type { Answer, Link } from "./tool.js";

/** Later gateways may have more values than today, so texts are not limited to the ones of today. */
export const requestOutput = z.object({
  request_id: z.string(),
  status: z.string().describe("pending, processing, completed or failed."),
  media_type: z.string().describe("video or image."),
  model: z.string(),
  output_urls: z.array(z.string()).describe("The video or the images. The URLs open without a key."),
  progress: z.number().nullable().describe("0 to 1; null when the provider does not report it."),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  cost: z.number().describe("USD; 0 until it is known."),
  charge_state: z.string().describe("none, held, charged, released or unknown."),
  cache_reason: z.string().describe("exact and joined: the output of an equal request, at no cost."),
  duration_seconds: z.number().nullable(),
  simulated: z.boolean().describe("true: made by a simulator, so nothing is paid."),
  created_at: z.string(),
});
export type RequestOutput = z.output<typeof requestOutput>;

export const toRequestOutput = (status: RequestStatus): RequestOutput => requestOutput.parse(toApiNames(status));

export function requestAnswer(status: RequestStatus): Answer<RequestOutput> {
  const links = status.status === "completed" ? status.outputUrls.map((url, at) => linkTo(url, at, status)) : [];
  return { text: requestText(status), output: toRequestOutput(status), links };
}

function requestText(status: RequestStatus): string {
  const { requestId, model, outputUrls, errorCode, errorMessage, chargeState, cost } = status;
  switch (status.status) {
    case "completed":
      return ["completed", ...outputUrls.map(oneLine), costText(status)].join("\n");
    case "failed":
      return oneLine(`failed: ${errorCode}: ${errorMessage} ${chargeText(chargeState, cost)} [request ${requestId}]`);
    default:
      return (
        `${progressText(status)}: request ${requestId} of ${model} has not ended and continues. To wait for it, call ` +
        "get_request with this request_id and wait_seconds 50. Do not generate it again."
      );
  }
}

/** For example `processing, 40 %`. */
export function progressText({ status, progress, queuePosition }: RequestStatus): string {
  const percent = progress === null ? "" : `, ${Math.round(progress * 100)} %`;
  return `${status}${percent}${queuePosition === null ? "" : `, queue position ${queuePosition}`}`;
}

/** For example `$2.40, 5 s of MODEL, took 63.1 s, request ID`. */
function costText({ cost, cacheHit, cacheReason, simulated, ...status }: RequestStatus): string {
  const { durationSeconds, model, latencyMs, requestId } = status;
  return [
    usd(cost) + (cacheHit ? ` (cache: ${cacheReason})` : simulated ? " (simulated: nothing is paid)" : ""),
    durationSeconds === null ? model : `${durationSeconds} s of ${model}`,
    ...(latencyMs === null ? [] : [`took ${seconds(latencyMs)}`]),
    `request ${requestId}`,
  ].join(", ");
}

const MIME_TYPES: Readonly<Record<string, string>> = {
  ...{ mp4: "video/mp4", webm: "video/webm", mov: "video/quicktime" },
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp", gif: "image/gif" },
};

function linkTo(uri: string, at: number, { requestId, mediaType, model }: RequestStatus): Link {
  const extension = /\.(\w+)(?:[?#]|$)/.exec(uri)?.[1]?.toLowerCase() ?? "";
  const mimeType = MIME_TYPES[extension];
  const name = `${requestId}-${at}${mimeType === undefined ? "" : `.${extension}`}`;
  const description = `The ${mediaType} that ${model} made.`;
  return { type: "resource_link", uri, name, description, ...(mimeType === undefined ? {} : { mimeType }) };
}
