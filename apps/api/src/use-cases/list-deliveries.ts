/** The webhook deliveries of a request, each with its attempts. */
import type { DeliveryView } from "@visgate/shared/contract";
import { isRequestId } from "@visgate/shared/ids";
import type { RequestRef } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { deliveryView } from "./delivery-view.js";
import { requestNotFound } from "./read-request.js";

export async function listDeliveries(deps: Deps, ref: RequestRef): Promise<DeliveryView[]> {
  const { requests, endpoints, deliveries } = deps.store;
  const request = isRequestId(ref.id) ? await requests.get(ref) : null;
  if (request === null) throw requestNotFound(ref.id);
  const urls = new Map((await endpoints.list(ref.organization)).map(({ id, url }) => [id, url]));
  const urlOf = (endpointId: string | null) =>
    endpointId === null ? request.doc.webhookUrl : (urls.get(endpointId) ?? null);
  return (await deliveries.ofRequest(ref)).map(({ doc }) => deliveryView(doc, urlOf(doc.endpointId)));
}
