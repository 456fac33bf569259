/**
 * One wake-up of one request: read the record, then run the step that comes next. Only the record decides, so a wake-up
 * that is doubled, late or replayed does no harm: it finds the work done and finishes.
 */
import { isTerminal, type RequestRecord, type RequestRef } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "./deps.js";
import { isSuspect, runIsolated } from "./isolation/run-isolated.js";
import { finish, type Outcome } from "./outcome.js";
import { leavePool, pacedSubmit } from "./pacing/paced-submit.js";
import { pickStep, type StepName } from "./pick-step.js";
import { cancel } from "./steps/cancel.js";
import { finalize } from "./steps/finalize.js";
import { follow } from "./steps/follow.js";
import { giveUp } from "./steps/give-up.js";
import { locate } from "./steps/locate.js";
import { notify } from "./steps/notify.js";
import { poll } from "./steps/poll.js";
import { traceStep } from "./trace-step.js";

export type Step = (deps: Deps, current: StoredRequest, signal: AbortSignal) => Promise<Outcome>;

const STEPS: Record<StepName, Step> = { notify, cancel, giveUp, follow, submit: pacedSubmit, locate, poll, finalize };

/** A request advances a few times per wake-up and model at most; more often means an endless loop. */
const MAX_ADVANCES = 20;

/** `queue`: the one that woke the request, without its shard. Default: that of its provider. */
export async function advanceRequest(
  deps: Deps,
  ref: RequestRef,
  signal: AbortSignal,
  queue?: string,
): Promise<Outcome> {
  let ours = queue;
  for (let advances = 0; advances < MAX_ADVANCES; advances += 1) {
    const current = await deps.store.requests.get(ref);
    if (current === null) return finish;
    ours ??= current.doc.provider;
    if (ours !== current.doc.provider && !isTerminal(current.doc.status)) return changeQueue(deps, current.doc);
    if (deps.isolation !== null && isSuspect(current)) return runIsolated(deps, deps.isolation, current, signal);
    await leavePool(deps, current.doc);
    const name = pickStep(current.doc, deps.clock.now());
    const outcome = await traceStep(deps.tracing, current.doc, name, async () => {
      const began = performance.now();
      const done = await STEPS[name](deps, current, signal);
      logStep(deps, current.doc, name, done, performance.now() - began);
      return done;
    });
    if (outcome.kind !== "advance" && !needsAnotherStep(deps, current.doc, name)) return outcome;
  }
  throw new Error(`Request ${ref.id} advanced ${MAX_ADVANCES} times in one wake-up.`);
}

/**
 * The request goes on with a model of another provider, whose queue other workers may serve. The record was written
 * first, so when this process dies before the push, the wake-up that follows does it, or the sweeper.
 */
async function changeQueue(deps: Deps, record: RequestRecord): Promise<Outcome> {
  await deps.store.outbox.push(record.provider, record);
  return finish;
}

/** The deadline may have passed while the step ran. Then the same record needs another step, and must not sleep. */
function needsAnotherStep(deps: Deps, record: RequestRecord, name: StepName): boolean {
  return pickStep(record, deps.clock.now()) !== name;
}

function logStep(deps: Deps, request: RequestRecord, step: StepName, outcome: Outcome, ms: number): void {
  const { provider, organization, id } = request;
  deps.metrics.observeStep(provider, step, outcome.kind, ms);
  const took = { outcome: outcome.kind, ms: Math.round(ms * 10) / 10 };
  const line = { requestId: id, organization, provider, step, ...took, trace_id: deps.tracing.current().traceId };
  deps.log[step === "poll" ? "debug" : "info"](line, "step");
}
