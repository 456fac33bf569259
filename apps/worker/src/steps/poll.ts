/** Poll: one look at the provider, then sleep, or on to the output. */
import type { PollResult } from "@visgate/providers";
import { type PollRhythm, pollDelay } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { RequestRecord } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import type { StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail } from "../fail.js";
import { advance, type Outcome, sleep, sleepWithinDeadline } from "../outcome.js";
import { measured, providerCallFor } from "../provider/call.js";
import { billedMicro } from "../provider/cost.js";
import { untilCancelled } from "../provider/until-cancelled.js";

const POLL_TIMEOUT_MS = 20_000;
const UNAVAILABLE_DELAY_MS = 5000;
/** A provider may not know a job right after it took it, and one stray 404 must not end a paid render. */
const MISSING_GRACE_MS = 60_000;

export async function poll(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const record = current.doc;
  const asked = await ask(deps, record);
  if (asked === null) return sleepWithinDeadline(deps, record, jitter(UNAVAILABLE_DELAY_MS, deps.random()));
  const { value: result, calledOff } = await untilCancelled(deps, record, signal, asked.poll);
  // An answer that came all the same counts; without one there is no reason to wait.
  if (calledOff && result.kind === "unavailable") return sleep(0);
  return follow(deps, current, result, { lookMs: nextLookMs(deps, record, asked.rhythm), minMs: asked.rhythm.minMs });
}

/** Null when there is no key for the provider (any more). */
export async function ask(deps: Deps, record: RequestRecord) {
  const provider = await providerCallFor(deps, record);
  if (provider === null) return null;
  const { adapter } = provider;
  const job = { endpoint: record.endpoint, id: record.providerRequestId ?? "" };
  const look = (signal: AbortSignal) =>
    within(POLL_TIMEOUT_MS, [signal], (limited) => adapter.poll(job, provider.call(limited)));
  const poll = (signal: AbortSignal) => measured(deps, record.provider, "poll", () => look(signal));
  return { rhythm: adapter.rhythm, poll };
}

/** Until the provider is to be asked again. */
export function nextLookMs(deps: Deps, record: RequestRecord, rhythm: PollRhythm): number {
  return pollDelay(rhythm, {
    ageMs: deps.clock.now() - (record.startedAt ?? record.createdAt),
    awaitsWebhook: record.awaitsWebhook,
    usualMs: (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000,
    inFlight: deps.inFlight(record.provider),
    random: deps.random(),
  });
}

interface Next {
  lookMs: number;
  /** The provider's own minimum between two looks. */
  minMs: number;
}

async function follow(deps: Deps, current: StoredRequest, result: PollResult, next: Next): Promise<Outcome> {
  const { requests } = deps.store;
  switch (result.kind) {
    case "queued":
      await requests.apply(current, { name: "observed", progress: null, queuePosition: result.position });
      return sleepWithinDeadline(deps, current.doc, next.lookMs);
    case "running":
      await requests.apply(current, { name: "observed", progress: result.progress, queuePosition: null });
      return sleepWithinDeadline(deps, current.doc, next.lookMs);
    case "succeeded":
      await requests.apply(current, rendered(deps, current.doc, result));
      return advance;
    case "failed":
      return fail(deps, current, result.failure, billedMicro(deps, current.doc, result.bill));
    case "missing":
      if (isLost(deps, current.doc)) return fail(deps, current, lost(current.doc));
      await requests.apply(current, { name: "missed", at: deps.clock.now() });
      return sleepWithinDeadline(deps, current.doc, next.lookMs);
    case "unavailable":
      deps.log.warn({ requestId: current.doc.id, cause: result.cause }, "the provider gave no usable answer");
      return sleepWithinDeadline(deps, current.doc, unavailableMs(deps, result.retryAfterMs, next));
  }
}

function unavailableMs(deps: Deps, retryAfterMs: number | null, { minMs }: Next): number {
  return Math.max(retryAfterMs ?? 0, minMs, jitter(UNAVAILABLE_DELAY_MS, deps.random()));
}

function rendered(deps: Deps, record: RequestRecord, result: Extract<PollResult, { kind: "succeeded" }>) {
  const { outputs, withheld, bill } = result;
  const billed = billedMicro(deps, record, bill);
  const costMicro = billed ?? record.estimatedCostMicro ?? 0;
  const estimatedBy = record.estimatedCostMicro === null ? null : "catalogue";
  const costSource = billed === null ? estimatedBy : "provider";
  return { name: "rendered", at: deps.clock.now(), outputs, withheld, costMicro, costSource } as const;
}

function isLost(deps: Deps, { missingSince }: RequestRecord): boolean {
  return missingSince !== null && deps.clock.now() - missingSince >= MISSING_GRACE_MS;
}

function lost(record: RequestRecord): Failure {
  const message = `${record.provider} no longer knows this request.`;
  return { code: "PROVIDER_ERROR", message, retryable: true, charged: null };
}
