/** The body of a submit. An image that is too large for the body is uploaded through the provider's file API first. */
import type { ImageFile } from "@visgate/providers";
import { providerBody, variantOf } from "@visgate/shared/catalogue";
import type { Failure } from "@visgate/shared/errors";
import { encodeDataUri } from "@visgate/shared/outputs";
import type { ImageInput, RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { measured, type ProviderCall } from "./call.js";

const UPLOAD_TIMEOUT_MS = 60_000;

const INPUT_MISSING: Failure = {
  code: "PROVIDER_ERROR",
  message: "The image of this request is no longer stored, or its model was removed from the catalogue.",
  retryable: true,
  charged: false,
};

type Refused = { kind: "refused"; failure: Failure };
/** `failure`: of a provider that takes no image now; null when the output store is the cause. */
type Later = { kind: "later"; retryAfterMs: number | null; failure: Failure | null };
const LATER: Later = { kind: "later", retryAfterMs: null, failure: null };
/** `uploadedUrl`: the URL of the uploaded image; null when there is no image, or it is inside the body. */
type Ready = { kind: "ready"; body: Record<string, unknown>; uploadedUrl: string | null };
export type PreparedBody = Ready | Refused | Later;
type ImageUrl = { kind: "ready"; url: string | null; isUploaded: boolean } | Refused | Later;

export async function prepareBody(deps: Deps, record: RequestRecord, provider: ProviderCall): Promise<PreparedBody> {
  const { input } = record;
  const model = deps.catalogue.get(record.model);
  const variant = model === undefined ? undefined : variantOf(model, input.image !== null);
  if (variant === undefined) return { kind: "refused", failure: INPUT_MISSING };
  const image = await urlOfImage(deps, record, provider);
  if (image.kind !== "ready") return image;
  const body = providerBody(variant, input, image.url);
  return { kind: "ready", body, uploadedUrl: image.isUploaded ? image.url : null };
}

async function urlOfImage(deps: Deps, record: RequestRecord, provider: ProviderCall): Promise<ImageUrl> {
  const { image } = record.input;
  if (image === null) return inBody(null);
  if (image.kind === "url") return inBody(image.url);
  if (image.kind === "inline") return inBody(image.dataUri);
  // The image was uploaded before. A second upload would have another URL, which the lost submit did not contain.
  const uploadedUrl = record.intent?.uploadedUrl ?? null;
  if (uploadedUrl !== null) return { kind: "ready", url: uploadedUrl, isUploaded: true };
  const bytes = await readStored(deps, image).catch((error) => {
    deps.log.warn({ err: error, requestId: record.id }, "an image could not be read from the output store");
    return "unreadable" as const;
  });
  // A disk that is not there now has no files either.
  if (bytes === "unreadable" || (bytes === null && (await deps.outputsHealth.check()) !== null)) return LATER;
  if (bytes === null) return { kind: "refused", failure: INPUT_MISSING };
  const dataUri = encodeDataUri(image.contentType, bytes);
  if (dataUri.length <= provider.adapter.maxDataUriLength) return inBody(dataUri);
  return upload(deps, record, provider, { bytes, contentType: image.contentType });
}

const inBody = (url: string | null): ImageUrl => ({ kind: "ready", url, isUploaded: false });

async function readStored(deps: Deps, image: Extract<ImageInput, { kind: "stored" }>) {
  const file = await deps.outputs.open(image.key);
  if (file === null) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of file.stream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function upload(deps: Deps, record: RequestRecord, provider: ProviderCall, image: ImageFile): Promise<ImageUrl> {
  const call = provider.call(AbortSignal.timeout(UPLOAD_TIMEOUT_MS));
  const result = await measured(deps, record.provider, "upload", () => provider.adapter.upload(image, call));
  switch (result.kind) {
    case "uploaded":
      return { kind: "ready", url: result.url, isUploaded: true };
    case "rejected":
      return { kind: "refused", failure: result.failure };
    case "unavailable":
      deps.log.warn({ requestId: record.id, cause: result.cause }, "an image could not be uploaded");
      return { kind: "later", retryAfterMs: result.retryAfterMs, failure: notUploaded(record) };
  }
}

function notUploaded({ provider }: RequestRecord): Failure {
  return { code: "PROVIDER_ERROR", message: `${provider} did not take the image.`, retryable: true, charged: false };
}
