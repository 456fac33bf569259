/** Puts the poster of a request beside its first output. A request without one is as good as one with it. */
import { oneChunk, posterKeyOf } from "@visgate/shared/outputs";
import type { Output, RequestRecord, StoredOutput } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";
import { aborted } from "./posters.js";

/** A request ends later by at most this time. */
const LIMIT_MS = 5000;

/** The outputs, the first of them with its poster if there is one. */
export async function withPoster(
  deps: Deps,
  record: RequestRecord,
  outputs: Output[],
  signal: AbortSignal,
): Promise<Output[]> {
  const [first, ...others] = outputs;
  if (first?.kind !== "stored") return outputs;
  const inTime = within(LIMIT_MS, [signal], (limited) =>
    Promise.race([storePoster(deps, first, limited), aborted(limited)]),
  );
  const posterSha256 = await inTime.catch((error: unknown) => {
    deps.log.warn({ err: error, requestId: record.id }, "a poster could not be stored");
    return null;
  });
  return posterSha256 === null ? outputs : [{ ...first, posterSha256 }, ...others];
}

async function storePoster(
  deps: Deps,
  { key, contentType }: StoredOutput,
  signal: AbortSignal,
): Promise<string | null> {
  if (deps.posters === null) return null;
  const file = await deps.outputs.open(key);
  const jpeg = file === null ? null : await deps.posters.of(file, contentType, signal);
  if (jpeg === null) return null;
  return (await deps.outputs.put(posterKeyOf(key), oneChunk(jpeg))).sha256;
}
