/** Cancel: asks the provider to stop the job. Its answer decides whether the request counts as charged. */
import { cancelled } from "@visgate/shared/errors";
import type { RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail, type Outcome, sleep } from "../outcome.js";
import { cancelAtProvider } from "../provider/call.js";
import { endStopped } from "../provider/stopped-job.js";
import { poll } from "./poll.js";

const RETRY_MS = 2000;
/** How long a provider that does not answer is asked again. */
const GIVE_UP_AFTER_MS = 60_000;

export async function cancel(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { doc } = current;
  if (doc.providerRequestId === null) return fail(deps, current, cancelled(false));
  const result = await cancelAtProvider(deps, doc);
  // The job had already ended, so its result counts, whether it completed or failed.
  if (result === "too_late" && !isOverdue(deps, doc)) return poll(deps, current, signal);
  if (result === null && !isOverdue(deps, doc)) return sleep(jitter(RETRY_MS, deps.random()));
  return endStopped(deps, current, result, cancelled, signal);
}

function isOverdue(deps: Deps, record: RequestRecord): boolean {
  return deps.clock.now() - (record.cancelRequestedAt ?? 0) > GIVE_UP_AFTER_MS;
}
