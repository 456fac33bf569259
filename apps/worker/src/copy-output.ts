/** Copies one output into the store: streamed, limited in size and time, its type told by its own bytes. */
import type { Output, RequestRecord } from "@visgate/shared/domain/request";
import { within } from "@visgate/shared/net/within";
import { outputKey } from "@visgate/shared/outputs/keys";
import { SNIFF_BYTES, type Sniffed, sniff } from "@visgate/shared/outputs/sniff";
import type { Deps } from "./deps.js";

/** There is no use in trying again. */
export class OutputTooLargeError extends Error {}

const TIME_LIMIT_MS = 10 * 60_000;

interface Source {
  url: string;
  index: number;
}

export function copyOutput(deps: Deps, record: RequestRecord, source: Source, signal: AbortSignal): Promise<Output> {
  return within(TIME_LIMIT_MS, [signal], (limited) => copy(deps, record, source, limited));
}

async function copy(deps: Deps, record: RequestRecord, source: Source, signal: AbortSignal): Promise<Output> {
  const response = await deps.guardedFetch(source.url, { signal });
  if (!response.ok) {
    response.body.destroy();
    throw new Error(`HTTP ${response.status}`);
  }
  const limited = limitBytes(response.body, deps.settings.maxOutputBytes);
  try {
    const { head, rest } = await takeHead(limited, SNIFF_BYTES);
    const kind = requireMedia(await sniff(head), record.mediaType);
    const key = outputKey(record.organization, record.id, source.index, kind.extension);
    const { bytes, sha256 } = await deps.outputs.put(key, rest);
    return { kind: "stored", key, contentType: kind.contentType, bytes, sha256 };
  } finally {
    // Lets the connection go, however much of it was read.
    await limited.return(undefined).catch(() => {});
  }
}

function requireMedia(kind: Sniffed | null, mediaType: RequestRecord["mediaType"]): Sniffed {
  if (kind === null || !kind.contentType.startsWith(`${mediaType}/`)) throw new Error(`the output is no ${mediaType}`);
  return kind;
}

async function* limitBytes(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new OutputTooLargeError(`the output has more than ${maxBytes} bytes`);
    yield chunk;
  }
}

/** Reads at least `size` bytes ahead (or all there is); `rest` gives everything again, from the start. */
async function takeHead(source: AsyncGenerator<Uint8Array>, size: number) {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; bytes < size; ) {
    const { done, value } = await source.next();
    if (done) break;
    chunks.push(value);
    bytes += value.byteLength;
  }
  async function* rest() {
    yield* chunks;
    yield* source;
  }
  return { head: Buffer.concat(chunks), rest: rest() };
}
