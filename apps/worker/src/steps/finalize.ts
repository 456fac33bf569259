/**
 * Finalize: copies the outputs into the output store, then completes the request. Providers' URLs expire, so before
 * each further try the provider is asked for fresh ones. A try is counted before it begins: a process that dies during
 * a try leaves a trace.
 */
import type { Failure } from "@visgate/shared/errors";
import type { Copy, Output, ProviderOutput, Rendered, RequestRecord } from "@visgate/shared/request";
import { cacheEntryOf, type StoredRequest } from "@visgate/shared/store";
import { exponential, jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { advance, fail, type Outcome, sleep } from "../outcome.js";
import { withPoster } from "../posters/store-poster.js";
import { type CopyResult, copyOutput } from "../provider/copy-output.js";
import { noteEnded } from "../provider/health.js";
import { prepareLook } from "../provider/look.js";

/** With the delays below this is about three hours: the output is paid for, so it is worth waiting for. */
const MAX_COPY_ATTEMPTS = 40;
/** With the delays below this is half a minute: some providers publish a URL before the file is available. */
const MAX_LASTING_FAULTS = 6;
const RETRY_BASE_MS = 1000;
const RETRY_MAX_MS = 5 * 60_000;
/** URLs count as fresh for this long after the provider gave them. */
const FRESH_MS = 10_000;

const OUTPUT_UNAVAILABLE: Failure = {
  code: "OUTPUT_UNAVAILABLE",
  message: "The provider made an output that could not be fetched or stored.",
  retryable: false,
  charged: true,
};

export async function finalize(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { rendered, copyOutput: mustCopy } = current.doc;
  if (rendered === null) return advance;
  if (!mustCopy) {
    const outputs = rendered.outputs.map(({ url }): Output => ({ kind: "remote", url }));
    return complete(deps, current, outputs);
  }
  const begun = await deps.store.requests.apply(current, { name: "copy_begun" });
  if (begun.kind !== "applied" || begun.current.doc.rendered === null) return advance;
  const tried = await copyMissing(deps, begun.current.doc, begun.current.doc.rendered, signal);
  if (isDecided(tried.copies, begun.current.doc)) return decide(deps, begun.current, tried, signal);
  // `signal` aborts when this worker loses its lock; the worker that holds the lock now makes the copy.
  return signal.aborted ? sleep(RETRY_BASE_MS) : retryLater(deps, begun.current, tried);
}

async function complete(deps: Deps, current: StoredRequest, outputs: Output[]): Promise<Outcome> {
  const completed = await deps.store.requests.apply(current, { name: "completed", at: deps.clock.now(), outputs });
  if (completed.kind === "applied") {
    noteEnded(deps, completed.current.doc, null);
    await keepForAll(deps, completed.current.doc);
  }
  return advance;
}

/** Only where all organizations share the cache, and never an output that another account than the server's made. */
async function keepForAll(deps: Deps, record: RequestRecord): Promise<void> {
  const isForAll = deps.settings.cacheIsShared && record.mode === "managed";
  const entry = isForAll ? cacheEntryOf(record) : null;
  if (entry === null || record.cache.hash === null) return;
  await deps.store.sharing.keepForAll(record.cache.hash, entry, deps.settings.cacheTtlSeconds);
}

interface Tried {
  copies: Copy[];
  /** The fault of the first output that failed in this try; null when none failed. */
  error: string | null;
}

const UNTRIED: Copy = { output: null, lastingFaults: 0 };

async function copyMissing(deps: Deps, record: RequestRecord, rendered: Rendered, signal: AbortSignal): Promise<Tried> {
  const { outputs, isFresh } = await currentOutputs(deps, record, rendered, signal);
  const copies: Copy[] = [];
  let error: string | null = null;
  for (const [index, { url }] of rendered.outputs.entries()) {
    const before = rendered.copies[index] ?? UNTRIED;
    const source = { url: outputs[index]?.url ?? url, index, isFresh };
    const result = isOver(before) ? null : await copyOutput(deps, record, source, signal);
    copies.push(result === null ? before : afterTry(before, result));
    if (result?.kind === "failed") error ??= result.fault;
  }
  if (error !== null) deps.log.warn({ requestId: record.id, fault: error }, "an output could not be copied");
  return { copies, error };
}

/** The outputs with the URLs to fetch. From the second try on, the provider is asked for fresh URLs. */
async function currentOutputs(deps: Deps, record: RequestRecord, rendered: Rendered, signal: AbortSignal) {
  const { outputs, copyAttempts, at } = rendered;
  const ageMs = deps.clock.now() - at;
  const known = { outputs, isFresh: ageMs < FRESH_MS };
  const look = copyAttempts === 1 ? null : await prepareLook(deps, record);
  if (look === null || ageMs < look.rhythm.minMs) return known;
  const result = await look.poll(signal);
  if (result.kind === "succeeded") return { outputs: result.outputs, isFresh: true };
  // When the provider no longer knows the job there will be no fresh URLs, so the answers of the old ones are final.
  return { outputs: [] as ProviderOutput[], isFresh: result.kind === "failed" || result.kind === "missing" };
}

function afterTry({ lastingFaults }: Copy, result: CopyResult): Copy {
  if (result.kind === "copied") return { output: result.output, lastingFaults: 0 };
  if (result.prospect === "final") return { output: null, lastingFaults: MAX_LASTING_FAULTS };
  return { output: null, lastingFaults: result.prospect === "lasting" ? lastingFaults + 1 : 0 };
}

/** The output is copied, or it is not tried again. */
const isOver = ({ output, lastingFaults }: Copy): boolean => output !== null || lastingFaults >= MAX_LASTING_FAULTS;

function isDecided(copies: Copy[], { rendered }: RequestRecord): boolean {
  return copies.every(isOver) || (rendered?.copyAttempts ?? 0) >= MAX_COPY_ATTEMPTS;
}

/** When only some of the outputs can be copied, the request completes with those. */
async function decide(deps: Deps, current: StoredRequest, tried: Tried, signal: AbortSignal): Promise<Outcome> {
  const { copies, error } = tried;
  const outputs = copies.flatMap(({ output }) => output ?? []);
  const noted = error === null ? current : await note(deps, current, { copies, error });
  if (noted === null) return advance;
  if (outputs.length > 0) return complete(deps, noted, await withPosterIfSafe(deps, noted, outputs, signal));
  const message = `${OUTPUT_UNAVAILABLE.message} The last try: ${error ?? "failed"}`;
  return fail(deps, noted, { ...OUTPUT_UNAVAILABLE, message });
}

/** A decoder takes memory: a request whose worker has died before does without a poster. */
function withPosterIfSafe(deps: Deps, { doc, deaths = 0 }: StoredRequest, outputs: Output[], signal: AbortSignal) {
  return deaths > 0 ? outputs : withPoster(deps, doc, outputs, signal);
}

async function retryLater(deps: Deps, current: StoredRequest, { copies, error }: Tried): Promise<Outcome> {
  const noted = await note(deps, current, { copies, error: error ?? "failed" });
  if (noted === null) return advance;
  const attempt = current.doc.rendered?.copyAttempts ?? 1;
  return sleep(jitter(exponential(attempt, RETRY_BASE_MS, RETRY_MAX_MS), deps.random(), 0.25));
}

/** Puts the failed try on the time line. Null when the record has changed meanwhile. */
async function note(
  deps: Deps,
  current: StoredRequest,
  { copies, error }: { copies: Copy[]; error: string },
): Promise<StoredRequest | null> {
  const noted = await deps.store.requests.apply(current, { name: "copy_failed", copies, error });
  return noted.kind === "applied" ? noted.current : null;
}
