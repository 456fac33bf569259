/** Entries of the result cache: where an output is that an equal request may show too. */
import type { Output, RequestRecord, RequestRef } from "../domain/request.js";

export interface SharedOutput {
  /** The request that made it. */
  source: RequestRef;
  outputs: Output[];
  /** What it cost there. */
  costMicro: number;
}

/** Null when the request is none of the cache's. Only what we keep ourselves lasts as long as an entry. */
export function cacheEntryOf(record: RequestRecord): SharedOutput | null {
  const isKept = record.outputs.length > 0 && record.outputs.every(({ kind }) => kind === "stored");
  if (record.cache.hash === null || !isKept) return null;
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
