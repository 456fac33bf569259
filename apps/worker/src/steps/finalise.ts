/**
 * Finalise: copy what the provider made into the output store, then complete the request, once. Providers' URLs expire:
 * they are fetched at once, and where that failed the provider is asked for fresh ones before the next try.
 */
import { exponential, jitter } from "@visgate/shared/domain/backoff";
import type { Failure } from "@visgate/shared/domain/errors";
import type { Output, ProviderOutput, RequestRecord } from "@visgate/shared/domain/request";
import { fetchFault } from "@visgate/shared/net/guard";
import { cacheEntryOf } from "@visgate/shared/store/cache";
import type { StoredRequest } from "@visgate/shared/store/requests";
import { copyOutput, OutputTooLargeError } from "../copy-output.js";
import type { Deps } from "../deps.js";
import { advance, type Outcome, sleep } from "../outcome.js";
import { fail } from "./end.js";
import { ask } from "./poll.js";

/** With the longest delay this is about three hours: a paid output is worth waiting for. */
const MAX_COPY_ATTEMPTS = 40;
const RETRY_BASE_MS = 1000;
const RETRY_MAX_MS = 5 * 60_000;

const OUTPUT_UNAVAILABLE: Failure = {
  code: "OUTPUT_UNAVAILABLE",
  message: "The provider made an output that could not be fetched or kept.",
  retryable: true,
  charged: true,
};

const OUTPUT_TOO_LARGE: Failure = {
  code: "OUTPUT_UNAVAILABLE",
  message: "The provider made an output that is larger than this server keeps (MAX_OUTPUT_BYTES).",
  retryable: false,
  charged: true,
};

export async function finalise(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { doc } = current;
  const copied = await copyAll(deps, doc, await currentOutputs(deps, doc, signal), signal);
  if (copied === "too_large") return fail(deps, current, OUTPUT_TOO_LARGE);
  // Without its lock this worker is not the one to count: whoever has it now copies.
  if (copied === null) return signal.aborted ? sleep(RETRY_BASE_MS) : retryCopy(deps, current);
  const event = { name: "completed", at: deps.clock.now(), outputs: copied } as const;
  const completed = await deps.store.requests.apply(doc, event, current);
  if (completed.kind === "applied") await keepForAll(deps, completed.current.doc);
  return advance;
}

/** Where all organizations share the cache; what was made on a caller's own account is not for others. */
async function keepForAll(deps: Deps, record: RequestRecord): Promise<void> {
  const isForAll = deps.settings.cacheIsShared && record.mode === "managed";
  const entry = isForAll ? cacheEntryOf(record) : null;
  if (entry === null || record.cache.hash === null) return;
  await deps.store.sharing.keepForAll(record.cache.hash, entry, deps.settings.cacheTtlSeconds);
}

/** The outputs, from the second try on under the URLs the provider gives them now. */
async function currentOutputs(deps: Deps, record: RequestRecord, signal: AbortSignal): Promise<ProviderOutput[]> {
  const { outputs, copyAttempts, at } = record.rendered ?? { outputs: [], copyAttempts: 0, at: 0 };
  const asked = copyAttempts === 0 ? null : await ask(deps, record);
  if (asked === null || deps.clock.now() - at < asked.rhythm.minMs) return outputs;
  const result = await asked.poll(signal);
  return result.kind === "succeeded" ? result.outputs : outputs;
}

async function copyAll(
  deps: Deps,
  record: RequestRecord,
  rendered: ProviderOutput[],
  signal: AbortSignal,
): Promise<Output[] | "too_large" | null> {
  if (!record.copyOutput) return rendered.map(({ url }) => ({ kind: "remote", url }));
  try {
    const outputs: Output[] = [];
    for (const [index, { url }] of rendered.entries())
      outputs.push(await copyOutput(deps, record, { url, index }, signal));
    return outputs;
  } catch (error) {
    deps.log.warn({ requestId: record.id, fault: fetchFault(error) }, "an output could not be copied");
    return error instanceof OutputTooLargeError ? "too_large" : null;
  }
}

async function retryCopy(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const attempt = (current.doc.rendered?.copyAttempts ?? 0) + 1;
  if (attempt >= MAX_COPY_ATTEMPTS) return fail(deps, current, OUTPUT_UNAVAILABLE);
  const noted = await deps.store.requests.apply(current.doc, { name: "copy_failed" }, current);
  if (noted.kind !== "applied") return advance;
  return sleep(jitter(exponential(attempt, RETRY_BASE_MS, RETRY_MAX_MS), deps.random(), 0.25));
}
