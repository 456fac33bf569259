/** Copies one output into the output store: streamed, limited in size and time, its type read from its own bytes. */

import {
  limitBytes,
  outputKey,
  SNIFF_BYTES,
  type Sniffed,
  sniff,
  takeHead,
  watchSource,
} from "@visgate/shared/outputs";
import type { Output, RequestRecord } from "@visgate/shared/request";
import { BlockedAddressError, fetchFault, RefusedUrlError, within } from "@visgate/shared/runtime/net";
import { traceCall } from "@visgate/shared/tracing";
import type { Deps } from "../deps.js";
import { outputHeadersFor } from "./call.js";

const TIME_LIMIT_MS = 10 * 60_000;

export interface Source {
  url: string;
  index: number;
  /** The provider gave this URL just now, so a 4xx for it is permanent. */
  isFresh: boolean;
}

/** `passing`: it may work later. `lasting`: it will most likely fail again. `final`: it must not be tried again. */
export type CopyResult =
  | { kind: "copied"; output: Output }
  | { kind: "failed"; fault: string; prospect: "passing" | "lasting" | "final" };

type Failed = Extract<CopyResult, { kind: "failed" }>;
type StoredOutput = Extract<Output, { kind: "stored" }>;

/** An error whose message callers may see. */
class OutputError extends Error {
  readonly prospect: Failed["prospect"];

  constructor(message: string, prospect: Failed["prospect"]) {
    super(message);
    this.name = "OutputError";
    this.prospect = prospect;
  }
}

export async function copyOutput(
  deps: Deps,
  record: RequestRecord,
  source: Source,
  signal: AbortSignal,
): Promise<CopyResult> {
  try {
    const output = await within(TIME_LIMIT_MS, [signal], (limited) => tracedCopy(deps, record, source, limited));
    return { kind: "copied", output };
  } catch (error) {
    return { kind: "failed", fault: fetchFault(error), prospect: prospectOf(error) };
  }
}

function prospectOf(error: unknown): Failed["prospect"] {
  if (error instanceof OutputError) return error.prospect;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isBlocked = cause instanceof BlockedAddressError || cause instanceof RefusedUrlError || isInvalidUrl(cause);
  return isBlocked ? "lasting" : "passing";
}

const isInvalidUrl = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_INVALID_URL";

function tracedCopy(deps: Deps, record: RequestRecord, source: Source, signal: AbortSignal): Promise<StoredOutput> {
  return deps.tracing.span("copy output", { kind: "internal" }, async (span) => {
    const output = await copy(deps, record, source, signal);
    span.set({ "visgate.output_bytes": output.bytes, "visgate.output_type": output.contentType });
    return output;
  });
}

async function copy(deps: Deps, record: RequestRecord, source: Source, signal: AbortSignal): Promise<StoredOutput> {
  const headers = await outputHeadersFor(deps, record, source.url, signal);
  const response = await traceCall(deps.tracing, { method: "GET", url: source.url }, () =>
    deps.guardedFetch(source.url, { headers, signal }),
  );
  if (!response.ok) {
    response.body.destroy();
    throw new OutputError(`HTTP ${response.status}`, isRefused(response.status, source) ? "lasting" : "passing");
  }
  const { maxOutputBytes } = deps.settings;
  const tooLarge = () => new OutputError(`the output has more than ${maxOutputBytes} bytes`, "final");
  const limited = limitBytes(response.body, maxOutputBytes, tooLarge);
  try {
    const { head, rest } = await takeHead(limited, SNIFF_BYTES);
    if (head.length === 0) throw new OutputError("the output is empty", "lasting");
    const kind = requireMedia(await sniff(head), record.mediaType);
    const key = outputKey(record.organization, record.id, source.index, kind.extension);
    const { bytes, sha256 } = await keep(deps, record, key, rest);
    return { kind: "stored", key, contentType: kind.contentType, bytes, sha256 };
  } finally {
    // Releases the connection, no matter how much of the body was read.
    response.body.destroy();
    await limited.return(undefined).catch(() => {});
  }
}

/** Callers never see the output store's own error message: it may name accounts, buckets and paths. */
async function keep(deps: Deps, record: RequestRecord, key: string, source: AsyncIterable<Uint8Array>) {
  const { bytes, fault } = watchSource(source);
  try {
    return await deps.outputs.put(key, bytes);
  } catch (error) {
    if (fault() !== null) throw fault();
    deps.log.error({ err: error, requestId: record.id }, "an output could not be stored");
    throw new OutputError("the output could not be stored", "passing");
  }
}

const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** The answer is permanent, unless the URL may have expired. */
function isRefused(status: number, { isFresh }: Source): boolean {
  return isFresh && status >= 300 && status < 500 && !PASSING.has(status);
}

function requireMedia(kind: Sniffed | null, mediaType: RequestRecord["mediaType"]): Sniffed {
  if (kind?.contentType.startsWith(`${mediaType}/`)) return kind;
  throw new OutputError(`the output is not ${mediaType === "image" ? "an image" : "a video"}`, "lasting");
}
