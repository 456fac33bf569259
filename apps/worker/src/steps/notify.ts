/**
 * Notify: the request has ended. Its open deliveries get jobs, and the requests that wait for its output are woken.
 * Both may run twice: the jobs have the same ids each time.
 */
import { firstProvider, type RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { finish, type Outcome } from "../outcome.js";

const BATCH = 100;

export async function notify(deps: Deps, { doc }: StoredRequest): Promise<Outcome> {
  await wakeDeliveries(deps, doc);
  if (doc.cache.hash !== null) await wakeFollowers(deps, doc);
  return finish;
}

async function wakeDeliveries(deps: Deps, record: RequestRecord): Promise<void> {
  for (const { doc } of await deps.store.deliveries.ofRequest(record)) {
    if (doc.state === "pending") await deps.producer.wakeDelivery(doc);
  }
}

async function wakeFollowers(deps: Deps, record: RequestRecord): Promise<void> {
  const { organization } = record;
  const provider = firstProvider(record);
  const ids = await deps.store.sharing.followers(record);
  for (let from = 0; from < ids.length; from += BATCH) {
    const wakes = ids.slice(from, from + BATCH).map(async (id) => {
      await deps.producer.wakeRequest(provider, { organization, id });
      await deps.producer.nudge(provider, id);
    });
    await Promise.all(wakes);
  }
  if (ids.length > 0) await deps.store.sharing.forgetFollowers(record);
}
