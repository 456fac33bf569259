/** Entries of the result cache: where an output is that an equal request may show too. */
import type { Output, RequestRecord, RequestRef } from "../request/record.js";

export interface SharedOutput {
  /** The request that made it. */
  source: RequestRef;
  outputs: Output[];
  /** What it cost there. */
  costMicro: number;
}

/**
 * Null when the request is not cached. An output of our own store lives as long as its entry. A result is shared only
 * when it is complete: the provider filtered no output, and every output was copied.
 */
export function cacheEntryOf(record: RequestRecord): SharedOutput | null {
  const { outputs, rendered } = record;
  const isKept = outputs.length > 0 && outputs.every(({ kind }) => kind === "stored");
  const isWhole = rendered === null || (rendered.withheld === 0 && rendered.outputs.length === outputs.length);
  if (record.cache.hash === null || !isKept || !isWhole) return null;
  return sharedOutputOf(record);
}

export function sharedOutputOf({ organization, id, outputs, costMicro }: RequestRecord): SharedOutput {
  return { source: { organization, id }, outputs, costMicro };
}

/** The owner's id comes first, on a line of its own: scripts compare it. */
export function encodeEntry({ source, ...rest }: SharedOutput): string {
  return `${source.id}\n${JSON.stringify({ organization: source.organization, ...rest })}`;
}

export function decodeEntry(text: string): SharedOutput {
  const end = text.indexOf("\n");
  const { organization, ...rest } = JSON.parse(text.slice(end + 1));
  return { source: { organization, id: text.slice(0, end) }, ...rest };
}
