/**
 * Finalize: copy what the provider made into the output store, then complete the request, once. Providers' URLs expire:
 * they are fetched at once, and where that failed the provider is asked for fresh ones before the next try. A try is
 * counted before it begins, so that a process that dies in one leaves a trace.
 */

import type { Failure } from "@visgate/shared/errors";
import type { Copy, Output, ProviderOutput, Rendered, RequestRecord } from "@visgate/shared/request";
import { cacheEntryOf, type StoredRequest } from "@visgate/shared/store";
import { exponential, jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail } from "../fail.js";
import { advance, type Outcome, sleep } from "../outcome.js";
import { type CopyResult, copyOutput } from "../provider/copy-output.js";
import { ask } from "./poll.js";

/** With the longest delay this is about three hours: a paid output is worth waiting for. */
const MAX_COPY_ATTEMPTS = 40;
/** Half a minute with the delays below: a provider may publish a URL before its file has reached the edge servers. */
const MAX_LASTING_FAULTS = 6;
const RETRY_BASE_MS = 1000;
const RETRY_MAX_MS = 5 * 60_000;
/** For so long after the provider gave them, URLs count as fresh. */
const FRESH_MS = 10_000;

const OUTPUT_UNAVAILABLE: Failure = {
  code: "OUTPUT_UNAVAILABLE",
  message: "The provider made an output that could not be fetched or kept.",
  retryable: false,
  charged: true,
};

export async function finalize(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { rendered, copyOutput: mustCopy } = current.doc;
  if (rendered === null) return advance;
  if (!mustCopy)
    return complete(
      deps,
      current,
      rendered.outputs.map(({ url }) => ({ kind: "remote", url })),
    );
  const begun = await deps.store.requests.apply(current, { name: "copy_begun" });
  if (begun.kind !== "applied" || begun.current.doc.rendered === null) return advance;
  const tried = await copyMissing(deps, begun.current.doc, begun.current.doc.rendered, signal);
  if (isDecided(tried.copies, begun.current.doc)) return decide(deps, begun.current, tried);
  // This worker has lost its lock: the worker that holds it now makes the copy.
  return signal.aborted ? sleep(RETRY_BASE_MS) : retryLater(deps, begun.current, tried);
}

async function complete(deps: Deps, current: StoredRequest, outputs: Output[]): Promise<Outcome> {
  const event = { name: "completed", at: deps.clock.now(), outputs } as const;
  const completed = await deps.store.requests.apply(current, event);
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

interface Tried {
  copies: Copy[];
  /** Of the first output that failed this time; null when none did. */
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

/** The outputs, from the second try on under the URLs the provider gives them now. */
async function currentOutputs(deps: Deps, record: RequestRecord, rendered: Rendered, signal: AbortSignal) {
  const { outputs, copyAttempts, at } = rendered;
  const ageMs = deps.clock.now() - at;
  const known = { outputs, isFresh: ageMs < FRESH_MS };
  const asked = copyAttempts === 1 ? null : await ask(deps, record);
  if (asked === null || ageMs < asked.rhythm.minMs) return known;
  const result = await asked.poll(signal);
  if (result.kind === "succeeded") return { outputs: result.outputs, isFresh: true };
  // The provider no longer knows the job, so there will be no fresh URLs: these answers are final.
  return { outputs: [] as ProviderOutput[], isFresh: result.kind === "failed" || result.kind === "missing" };
}

function afterTry({ lastingFaults }: Copy, result: CopyResult): Copy {
  if (result.kind === "copied") return { output: result.output, lastingFaults: 0 };
  if (result.prospect === "final") return { output: null, lastingFaults: MAX_LASTING_FAULTS };
  return { output: null, lastingFaults: result.prospect === "lasting" ? lastingFaults + 1 : 0 };
}

/** Copied, or given up. */
const isOver = ({ output, lastingFaults }: Copy): boolean => output !== null || lastingFaults >= MAX_LASTING_FAULTS;

function isDecided(copies: Copy[], { rendered }: RequestRecord): boolean {
  return copies.every(isOver) || (rendered?.copyAttempts ?? 0) >= MAX_COPY_ATTEMPTS;
}

/** When some of several outputs cannot be copied, the request completes with the others. */
async function decide(deps: Deps, current: StoredRequest, { copies, error }: Tried): Promise<Outcome> {
  const outputs = copies.flatMap(({ output }) => output ?? []);
  const noted = error === null ? current : await note(deps, current, { copies, error });
  if (noted === null) return advance;
  if (outputs.length > 0) return complete(deps, noted, outputs);
  const message = `${OUTPUT_UNAVAILABLE.message} The last try: ${error ?? "failed"}`;
  return fail(deps, noted, { ...OUTPUT_UNAVAILABLE, message });
}

async function retryLater(deps: Deps, current: StoredRequest, { copies, error }: Tried): Promise<Outcome> {
  const noted = await note(deps, current, { copies, error: error ?? "failed" });
  if (noted === null) return advance;
  const attempt = current.doc.rendered?.copyAttempts ?? 1;
  return sleep(jitter(exponential(attempt, RETRY_BASE_MS, RETRY_MAX_MS), deps.random(), 0.25));
}

/** Puts the failed try on the time line; null when the record has moved on. */
async function note(
  deps: Deps,
  current: StoredRequest,
  { copies, error }: { copies: Copy[]; error: string },
): Promise<StoredRequest | null> {
  const noted = await deps.store.requests.apply(current, { name: "copy_failed", copies, error });
  return noted.kind === "applied" ? noted.current : null;
}
