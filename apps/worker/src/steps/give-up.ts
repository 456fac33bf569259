/**
 * Give up: the request's deadline has passed, so the provider is asked to stop the job. A job that had finished before
 * (all workers may have been down for hours) is paid for, so its output still counts.
 */
import type { StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail, type Outcome, sleep } from "../outcome.js";
import { cancelAtProvider } from "../provider/call.js";
import { endStopped } from "../provider/stopped-job.js";
import { poll } from "./poll.js";

const RETRY_MS = 5000;
/** How long after its deadline a request waits for a provider that cannot be asked or that contradicts itself. */
const LIMIT_MS = 24 * 3_600_000;

export async function giveUp(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { doc } = current;
  if (doc.providerRequestId === null) {
    return fail(
      deps,
      current,
      timeout(`The request could not be submitted to ${doc.provider} before its deadline.`, false),
    );
  }
  const result = await cancelAtProvider(deps, doc);
  const mayWait = deps.clock.now() < doc.deadlineAt + LIMIT_MS;
  if (result === "too_late" && mayWait) return poll(deps, current, signal);
  if (result === null && mayWait) return sleep(jitter(RETRY_MS, deps.random()));
  const message = `${doc.provider} did not finish before the request's deadline.`;
  return endStopped(deps, current, result, (charged) => timeout(message, charged), signal);
}

function timeout(message: string, charged: boolean | null) {
  return { code: "PROVIDER_TIMEOUT", message, retryable: true, charged } as const;
}
