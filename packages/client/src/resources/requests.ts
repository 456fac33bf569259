/** `client.requests`: what became of what was submitted. */
import { type EventsOptions, streamEvents } from "../event-stream.js";
import type { Http } from "../http.js";
import type { Loose } from "../loose.js";
import { requestPath } from "../request-path.js";
import type {
  CancelAnswer,
  DeleteAnswer,
  Delivery,
  DeliveryList,
  Redelivering,
  RequestPageAnswer,
  RequestQuery,
  RequestStatus,
  TimelineEntry,
} from "../types.generated.js";
import { type WaitOptions, waitForEnd, waitLimitMs } from "../wait-for-end.js";

/** One page; iterated over, it is all requests from here on, page after page. */
export interface RequestPage extends RequestPageAnswer, AsyncIterable<RequestStatus> {}

export interface Requests {
  /** The status now. @throws VisgateError `REQUEST_NOT_FOUND` */
  get(requestId: string): Promise<RequestStatus>;
  /** The status when it is `completed` or `failed`; a failed request is not an error here. @throws TimeoutError */
  wait(requestId: string, options?: WaitOptions): Promise<RequestStatus>;
  /** Newest first, 20 at a time unless `limit` (at most 100) says otherwise. */
  list(query?: Loose<RequestQuery>): Promise<RequestPage>;
  /** The answer says what happens to the money. @throws VisgateError `ALREADY_TERMINAL` */
  cancel(requestId: string): Promise<CancelAnswer>;
  /** Erases a request that has ended, its outputs included. @throws VisgateError `NOT_TERMINAL` */
  delete(requestId: string): Promise<DeleteAnswer>;
  /** Every change as it happens, from the status now to the last one; cut connections are mended. */
  events(requestId: string, options?: EventsOptions): AsyncIterable<RequestStatus>;
  /** All that has happened to it, oldest first. */
  timeline(requestId: string): Promise<TimelineEntry[]>;
  /** Its webhooks, and how each attempt went. */
  deliveries(requestId: string): Promise<Delivery[]>;
  /** Sends a webhook anew, under the same `webhook-id`. */
  redeliver(requestId: string, deliveryId: string): Promise<Redelivering>;
}

export function createRequests(http: Http): Requests {
  const get = <T>(path: string, query: object = {}) => http.json<T>({ method: "GET", path, query });

  async function list(query: Loose<RequestQuery> = {}): Promise<RequestPage> {
    const page = await get<RequestPageAnswer>("/requests", query);
    return { ...page, [Symbol.asyncIterator]: () => requestsFrom(page, query) };
  }
  async function* requestsFrom(first: RequestPageAnswer, query: Loose<RequestQuery>): AsyncGenerator<RequestStatus> {
    for (let page = first; ; page = await get<RequestPageAnswer>("/requests", { ...query, cursor: page.nextCursor })) {
      yield* page.requests;
      if (page.nextCursor === null) return;
    }
  }

  return {
    get: async (requestId) => get(requestPath(requestId)),
    wait: (requestId, options = {}) =>
      waitForEnd(http, requestId, { ...options, timeout: waitLimitMs(options.timeout) }),
    list,
    cancel: async (requestId) => http.json({ method: "POST", path: requestPath(requestId, "/cancel") }),
    delete: async (requestId) => http.json({ method: "DELETE", path: requestPath(requestId) }),
    events: (requestId, options) => streamEvents(http, requestId, options),
    timeline: async (requestId) =>
      (await get<{ timeline: TimelineEntry[] }>(requestPath(requestId), { include: "timeline" })).timeline,
    deliveries: async (requestId) => (await get<DeliveryList>(requestPath(requestId, "/deliveries"))).deliveries,
    redeliver: async (requestId, deliveryId) =>
      http.json({
        method: "POST",
        path: requestPath(requestId, `/deliveries/${encodeURIComponent(deliveryId)}/redeliver`),
        idempotent: false,
      }),
  };
}
