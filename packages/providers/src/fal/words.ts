/** The results, failures and webhooks of fal's queue (docs.fal.ai/model-apis), for requests of any provider. */
import { createHash } from "node:crypto";
import { extname } from "node:path";
import type { Failure } from "@visgate/shared/errors";
import { FAILED_DEPENDENCY, failureStatus, type RequestRecord, requestView } from "@visgate/shared/request";
import type { WebhookForm, WordsContext } from "../words.js";
import { sizeOf } from "./sizes.js";

export { pixelsOf } from "./sizes.js";

/** Of a request that has completed. */
export function resultOf({ fileUrls }: Pick<WordsContext, "fileUrls">, record: RequestRecord) {
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

const TYPES: ReadonlyMap<string, string> = new Map([
  ["CANCELLED", "client_cancelled"],
  ["PROVIDER_TIMEOUT", "request_timeout"],
  ["PROVIDER_ERROR", "internal_error"],
  ["VALIDATION_ERROR", "bad_request"],
  ["CONTENT_POLICY_VIOLATION", "content_policy_violation"],
]);

/** What fal calls the errors of a request; undefined when it has no name for this one. */
export const errorTypeOf = (code: string): string | undefined => TYPES.get(code);

type Detail = string | { loc: readonly string[]; msg: string; type: string }[];

/** A list of fields when the input is wrong, and a text otherwise. */
export function detailOf({ code, message: msg }: { code: string; message: string }): Detail {
  if (code === "CONTENT_POLICY_VIOLATION") return [{ loc: ["body", "prompt"], msg, type: "content_policy_violation" }];
  return code === "VALIDATION_ERROR" ? [{ loc: ["body"], msg, type: "value_error" }] : msg;
}

/** To read it again would show the same failure, so it has no status after which clients repeat a read. */
export function resultStatus(failure: Failure, { chargeState }: Pick<RequestRecord, "chargeState">): number {
  if (failure.code === "VALIDATION_ERROR") return 422;
  const status = failureStatus(failure, chargeState);
  return status === 429 || status >= 500 ? FAILED_DEPENDENCY : status;
}

/** One try is all that callers see of a request, so both ids are the same. */
export const webhookForm: WebhookForm = {
  bodyOf(record, context) {
    const { id, failure } = record;
    const ids = { request_id: id, gateway_request_id: id };
    if (failure === null) return { ...ids, status: "OK", payload: resultOf(context, record) };
    const error = `Invalid status code: ${resultStatus(failure, record)}`;
    return { ...ids, status: "ERROR", error, payload: { detail: detailOf(failure) } };
  },

  /** Verified with the keys that this server publishes as fal does (apps/api/src/dialects/fal). */
  headersOf({ record: { id, organization }, body, at }, sign) {
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const digest = createHash("sha256").update(body).digest("hex");
    return {
      "x-fal-webhook-request-id": id,
      "x-fal-webhook-user-id": organization,
      "x-fal-webhook-timestamp": timestamp,
      "x-fal-webhook-signature": sign([id, organization, timestamp, digest].join("\n")).toString("hex"),
    };
  },
};
