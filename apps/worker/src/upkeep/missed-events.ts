/**
 * An endpoint that is enabled again gets what it missed while it was disabled: first the deliveries that were stopped,
 * then the events since, in their order. Each sweep does a part of it, and the rest is still noted in the store.
 */
import { isStopped, sentAgain } from "@visgate/shared/delivery";
import type { RequestRef } from "@visgate/shared/request";
import type { Missed } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

const BATCH = 200;
/** Per endpoint and sweep: a receiver that was away for days is not flooded. */
const MAX_BATCHES = 10;

export async function sendMissedEvents(deps: Deps, organization: string): Promise<void> {
  for (const missed of await deps.store.missedEvents.list(organization)) {
    const toSend = missed.withStopped ? await resumeStopped(deps, organization, missed) : missed;
    if (toSend !== null) await sendEvents(deps, organization, toSend);
  }
}

/** What is missed after that; null when another process has changed the endpoint. */
async function resumeStopped(deps: Deps, organization: string, missed: Missed): Promise<Missed | null> {
  const failed = await deps.store.deliveries.failedSince(organization, 0);
  const ids = failed.filter((id) => id.endsWith(`-${missed.endpointId}`));
  for (let from = 0; from < ids.length; from += BATCH) {
    await Promise.all(ids.slice(from, from + BATCH).map((id) => resume(deps, { organization, id })));
  }
  const rest = { ...missed, withStopped: false };
  return (await deps.store.missedEvents.catchUp(organization, missed, rest, [])) ? rest : null;
}

/** Not saved when another process was quicker: the delivery is then already sent again, or erased. */
async function resume(deps: Deps, ref: RequestRef): Promise<void> {
  const stored = await deps.store.deliveries.get(ref);
  if (stored === null || !isStopped(stored.doc)) return;
  if (await deps.store.deliveries.save(stored.rev, sentAgain(stored.doc), 0)) await deps.producer.wakeDelivery(ref);
}

async function sendEvents(deps: Deps, organization: string, missed: Missed): Promise<void> {
  const endpoint = await deps.store.endpoints.get(organization, missed.endpointId);
  let from = missed;
  for (let batches = 0; batches < MAX_BATCHES && from.after < from.last; batches += 1) {
    const read = await deps.store.feed.read(organization, from.after, BATCH);
    const entries = read.filter(({ sequence }) => sequence <= from.last);
    const wanted = entries.filter(({ type }) => endpoint?.events.includes(type) ?? false);
    // A part of a batch, or none: the feed has no more events of that time.
    const after = entries.length < BATCH ? from.last : (entries.at(-1)?.sequence ?? from.last);
    const to = { ...from, after };
    if (!(await deps.store.missedEvents.catchUp(organization, from, to, wanted))) return;
    from = to;
  }
}
