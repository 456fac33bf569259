/** The body of a submit. A file that is too large for the body is uploaded through the provider's file API first. */
import type { MediaFile } from "@visgate/providers";
import { atMost } from "@visgate/shared/at-most";
import { type PlacedMedia, providerBody, variantFor } from "@visgate/shared/catalogue";
import type { Failure } from "@visgate/shared/errors";
import { encodeDataUri, kindOf, type OpenedFile } from "@visgate/shared/outputs";
import { type ImageInput, type InputRole, type RequestRecord, rolesOf } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { measured, type ProviderCall } from "./call.js";

const UPLOAD_TIMEOUT_MS = 120_000;
/** The whole file is in memory while it is uploaded, and it may have 100 MB: so few large ones at the same time. */
const LARGE_BYTES = 8 * 1024 * 1024;
const inTurn = atMost(2);
/** Longer videos and sounds are uploaded: as text, they would be in memory several times. */
const MAX_DATA_URI_OF_MEDIA = 256 * 1024;

const INPUT_MISSING: Failure = {
  code: "PROVIDER_ERROR",
  message: "An input of this request is no longer stored, or its model was removed from the catalogue.",
  retryable: true,
  charged: false,
};

type Refused = { kind: "refused"; failure: Failure };
/** `failure`: of a provider that takes no input now; null when the output store is the cause. */
type Later = { kind: "later"; retryAfterMs: number | null; failure: Failure | null };
const LATER: Later = { kind: "later", retryAfterMs: null, failure: null };

/** The URL of each upload; null where there is no such input, or it is inside the body. */
export interface Uploads {
  uploadedUrl: string | null;
  /** Absent when the record has no `media`. */
  uploadedMedia?: (string | null)[];
}

type Ready = { kind: "ready"; body: Record<string, unknown>; uploads: Uploads };
export type PreparedBody = Ready | Refused | Later;
type Placed = { kind: "ready"; url: string; isUploaded: boolean } | Refused | Later;

export async function prepareBody(deps: Deps, record: RequestRecord, provider: ProviderCall): Promise<PreparedBody> {
  const { input } = record;
  const model = deps.catalogue.get(record.model);
  const variant = model === undefined ? undefined : variantFor(model, rolesOf(input));
  if (variant === undefined) return { kind: "refused", failure: INPUT_MISSING };
  const media: PlacedMedia[] = [];
  const uploaded: (string | null)[] = [];
  for (const { role, source, before } of sourcesOf(record)) {
    const placed = await place(deps, record, provider, { source, before });
    if (placed.kind !== "ready") return placed;
    media.push({ role, url: placed.url });
    uploaded.push(placed.isUploaded ? placed.url : null);
  }
  const uploadedUrl = input.image === null ? null : (uploaded.shift() ?? null);
  const uploads = { uploadedUrl, ...(input.media === undefined ? {} : { uploadedMedia: uploaded }) };
  return { kind: "ready", body: providerBody(variant, input, media), uploads };
}

function sourcesOf({ input: { image, media = [] }, intent }: RequestRecord): Source[] {
  const first = { role: "first" as const, before: intent?.uploadedUrl ?? null };
  return [
    ...(image === null ? [] : [{ ...first, source: image }]),
    ...media.map(({ role, source }, at) => ({ role, source, before: intent?.uploadedMedia?.[at] ?? null })),
  ];
}

interface Source {
  role: InputRole;
  source: ImageInput;
  /** Where it was uploaded for an earlier submit. A second upload would have another URL, which that one did not have. */
  before: string | null;
}

async function place(
  deps: Deps,
  record: RequestRecord,
  provider: ProviderCall,
  { source, before }: Pick<Source, "source" | "before">,
): Promise<Placed> {
  if (source.kind === "url") return inBody(source.url);
  if (source.kind === "inline") return inBody(source.dataUri);
  if (before !== null) return { kind: "ready", url: before, isUploaded: true };
  const file = await deps.outputs.open(source.key).catch((error) => unreadable(deps, record, error));
  const isLarge = file !== null && file !== "unreadable" && file.totalBytes > LARGE_BYTES;
  const send = () => placeStored(deps, record, provider, { contentType: source.contentType, file });
  return isLarge ? inTurn(send) : send();
}

type Opened = OpenedFile | null | "unreadable";

function unreadable(deps: Deps, { id }: RequestRecord, error: unknown): "unreadable" {
  deps.log.warn({ err: error, requestId: id }, "an input could not be read from the output store");
  return "unreadable";
}

async function placeStored(
  deps: Deps,
  record: RequestRecord,
  provider: ProviderCall,
  { contentType, file }: { contentType: string; file: Opened },
): Promise<Placed> {
  const isThere = file !== null && file !== "unreadable";
  const bytes = isThere ? await bytesOf(file).catch((error) => unreadable(deps, record, error)) : file;
  // A disk that is not there now has no files either.
  if (bytes === "unreadable" || (bytes === null && (await deps.outputsHealth.check()) !== null)) return LATER;
  if (bytes === null) return { kind: "refused", failure: INPUT_MISSING };
  const { maxDataUriLength } = provider.adapter;
  const isImage = kindOf(contentType) === "image";
  const longest = isImage ? maxDataUriLength : Math.min(maxDataUriLength, MAX_DATA_URI_OF_MEDIA);
  if (dataUriLength(contentType, bytes.length) <= longest) return inBody(encodeDataUri(contentType, bytes));
  return upload(deps, record, provider, { bytes, contentType });
}

const inBody = (url: string): Placed => ({ kind: "ready", url, isUploaded: false });

const dataUriLength = (contentType: string, bytes: number): number =>
  "data:;base64,".length + contentType.length + 4 * Math.ceil(bytes / 3);

async function bytesOf(file: OpenedFile): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.stream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function upload(deps: Deps, record: RequestRecord, provider: ProviderCall, file: MediaFile): Promise<Placed> {
  const call = provider.call(AbortSignal.timeout(UPLOAD_TIMEOUT_MS));
  const result = await measured(deps, record.provider, "upload", () => provider.adapter.upload(file, call));
  switch (result.kind) {
    case "uploaded":
      return { kind: "ready", url: result.url, isUploaded: true };
    case "rejected":
      return { kind: "refused", failure: result.failure };
    case "unavailable":
      deps.log.warn({ requestId: record.id, cause: result.cause }, "an input could not be uploaded");
      return { kind: "later", retryAfterMs: result.retryAfterMs, failure: notUploaded(record) };
  }
}

function notUploaded({ provider }: RequestRecord): Failure {
  return { code: "PROVIDER_ERROR", message: `${provider} did not take the image.`, retryable: true, charged: false };
}
