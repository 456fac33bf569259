/** Poll: asks the provider about the job once, then sleeps, fails, or continues with the output. */
import type { PollResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { advance, fail, type Outcome, sleep, sleepWithinDeadline } from "../outcome.js";
import { billedMicro } from "../provider/cost.js";
import { nextLookMs, prepareLook } from "../provider/look.js";
import { applyRendered } from "../provider/rendered.js";
import { untilCancelled } from "../provider/until-cancelled.js";

const UNAVAILABLE_DELAY_MS = 5000;
/** A provider may not list a job right after it accepted it, and a single 404 must not end a paid render. */
const MISSING_GRACE_MS = 60_000;

export async function poll(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const record = current.doc;
  const look = await prepareLook(deps, record);
  if (look === null) return sleepWithinDeadline(deps, record, jitter(UNAVAILABLE_DELAY_MS, deps.random()));
  const { value: result, calledOff } = await untilCancelled(deps, record, signal, look.poll);
  // An answer that still arrived counts. Without one the request is woken at once, to be cancelled or given up.
  if (calledOff && result.kind === "unavailable") return sleep(0);
  const { rhythm } = look;
  return applyResult(deps, current, result, { lookMs: nextLookMs(deps, record, rhythm), minMs: rhythm.minMs });
}

interface NextLook {
  lookMs: number;
  /** The provider's minimum between two polls of one job. */
  minMs: number;
}

async function applyResult(deps: Deps, current: StoredRequest, result: PollResult, next: NextLook): Promise<Outcome> {
  const { requests } = deps.store;
  switch (result.kind) {
    case "queued":
      await requests.apply(current, { name: "observed", progress: null, queuePosition: result.position });
      return sleepWithinDeadline(deps, current.doc, next.lookMs);
    case "running":
      await requests.apply(current, { name: "observed", progress: result.progress, queuePosition: null });
      return sleepWithinDeadline(deps, current.doc, next.lookMs);
    case "succeeded":
      await applyRendered(deps, current, result);
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

function unavailableMs(deps: Deps, retryAfterMs: number | null, { minMs }: NextLook): number {
  return Math.max(retryAfterMs ?? 0, minMs, jitter(UNAVAILABLE_DELAY_MS, deps.random()));
}

function isLost(deps: Deps, { missingSince }: RequestRecord): boolean {
  return missingSince !== null && deps.clock.now() - missingSince >= MISSING_GRACE_MS;
}

function lost(record: RequestRecord): Failure {
  const message = `${record.provider} no longer knows the job of this request.`;
  return { code: "PROVIDER_ERROR", message, retryable: true, charged: null };
}
