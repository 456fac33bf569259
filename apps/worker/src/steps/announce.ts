/** The request is terminal: see that its delivery has a job, under the same id every time. */
import { deliveryId } from "@visgate/shared/ids";
import type { StoredRequest } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { finish, type Outcome } from "../outcome.js";

export async function announce(deps: Deps, { doc }: StoredRequest): Promise<Outcome> {
  if (doc.webhookUrl === null) return finish;
  await deps.producer.wakeDelivery({ organization: doc.organization, id: deliveryId(doc.id) });
  return finish;
}
