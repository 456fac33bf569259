/** Asks a provider how a request's job is doing, and says when to ask again. */
import { type PollResult, type PollRhythm, pollDelay } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";
import { measured, providerCallFor } from "./call.js";

const POLL_TIMEOUT_MS = 20_000;

export interface Look {
  rhythm: PollRhythm;
  poll(signal: AbortSignal): Promise<PollResult>;
}

/** Null when there is no key for the provider (any more). */
export async function prepareLook(deps: Deps, record: RequestRecord): Promise<Look | null> {
  const provider = await providerCallFor(deps, record);
  if (provider === null) return null;
  const { adapter } = provider;
  const job = { endpoint: record.endpoint, id: record.providerRequestId ?? "" };
  return {
    rhythm: adapter.rhythm,
    poll: (signal) =>
      measured(deps, record.provider, "poll", () =>
        within(POLL_TIMEOUT_MS, [signal], (limited) => adapter.poll(job, provider.call(limited))),
      ),
  };
}

/** How long to wait before the provider is asked again. */
export function nextLookMs(deps: Deps, record: RequestRecord, rhythm: PollRhythm): number {
  return pollDelay(rhythm, {
    ageMs: deps.clock.now() - (record.startedAt ?? record.createdAt),
    awaitsReport: record.awaitsReport,
    usualMs: (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000,
    load: deps.pollLoad(record.provider),
    random: deps.random(),
  });
}
