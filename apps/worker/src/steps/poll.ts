/** Poll: one look at the provider, then sleep, or on to the output. */
import type { PollResult } from "@visgate/providers";
import { variantOf } from "@visgate/shared/catalogue/plan";
import { costMicro, unitPriceMicro } from "@visgate/shared/catalogue/price";
import { jitter, pollDelay } from "@visgate/shared/domain/backoff";
import type { Failure } from "@visgate/shared/domain/errors";
import type { RequestRecord } from "@visgate/shared/domain/request";
import type { StoredRequest } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { advance, type Outcome, sleep } from "../outcome.js";
import { fail } from "./end.js";
import { measured, providerCallFor } from "./provider-call.js";

const POLL_TIMEOUT_MS = 20_000;
const UNAVAILABLE_DELAY_MS = 5000;
/** A provider may not know a job right after it took it, and one stray 404 must not end a paid render. */
const MISSING_GRACE_MS = 60_000;

export async function poll(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const record = current.doc;
  const provider = await providerCallFor(deps, record);
  if (provider === null) return sleep(jitter(UNAVAILABLE_DELAY_MS, deps.random()));
  const job = { endpoint: record.endpoint, id: record.providerRequestId ?? "" };
  const call = provider.call(AbortSignal.any([signal, AbortSignal.timeout(POLL_TIMEOUT_MS)]));
  const result = await measured(deps, record.provider, "poll", () => provider.adapter.poll(job, call));
  const ageMs = deps.clock.now() - (record.startedAt ?? record.createdAt);
  const nextLook = sleep(jitter(pollDelay(ageMs, provider.adapter.rhythm), deps.random()));
  return follow(deps, current, result, nextLook);
}

async function follow(deps: Deps, current: StoredRequest, result: PollResult, nextLook: Outcome): Promise<Outcome> {
  const { requests } = deps.store;
  switch (result.kind) {
    case "queued":
      await requests.apply(current.doc, { name: "observed", progress: null, queuePosition: result.position }, current);
      return nextLook;
    case "running":
      await requests.apply(current.doc, { name: "observed", progress: result.progress, queuePosition: null }, current);
      return nextLook;
    case "succeeded":
      await requests.apply(
        current.doc,
        { name: "rendered", outputs: result.outputs, ...cost(deps, current.doc, result.billedUnits) },
        current,
      );
      return advance;
    case "failed":
      return fail(deps, current, result.failure);
    case "missing":
      if (isLost(deps, current.doc)) return fail(deps, current, lost(current.doc));
      await requests.apply(current.doc, { name: "missed", at: deps.clock.now() }, current);
      return nextLook;
    case "unavailable":
      deps.log.warn({ requestId: current.doc.id, cause: result.cause }, "the provider gave no usable answer");
      return sleep(Math.max(result.retryAfterMs ?? 0, jitter(UNAVAILABLE_DELAY_MS, deps.random())));
  }
}

/** The provider's own count of units when it tells, else the catalogue's estimate. */
function cost(deps: Deps, record: RequestRecord, billedUnits: number | null) {
  const model = deps.catalogue.get(record.model);
  const variant = model === undefined ? undefined : variantOf(model, record.endpoint);
  if (billedUnits === null || model === undefined || variant === undefined) {
    return { costMicro: record.estimatedCostMicro, costSource: "catalogue" } as const;
  }
  const unitMicro = unitPriceMicro(model, variant, record.input.params);
  return { costMicro: costMicro(billedUnits, unitMicro), costSource: "provider" } as const;
}

function isLost(deps: Deps, { missingSince }: RequestRecord): boolean {
  return missingSince !== null && deps.clock.now() - missingSince >= MISSING_GRACE_MS;
}

function lost(record: RequestRecord): Failure {
  const message = `${record.provider} no longer knows this request.`;
  return { code: "PROVIDER_ERROR", message, retryable: true, charged: null };
}
