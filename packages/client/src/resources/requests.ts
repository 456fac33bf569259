/** `client.requests`: what became of what was submitted. */
import type { VisgateError } from "../errors.js";
import { type EventsOptions, streamEvents } from "../event-stream.js";
import type { Http } from "../http.js";
import type { Loose } from "../loose.js";
import { requestPath, segment } from "../paths.js";
import type {
  CancelAnswer,
  DeleteAnswer,
  Delivery,
  Redelivering,
  RequestPageAnswer,
  RequestQuery,
  RequestStatus,
  TimelineEntry,
} from "../types.generated.js";
import { waitForEnd } from "../wait-for-end.js";
import { type WaitOptions, waitLimitMs } from "../wait-options.js";

/** One page; iterated over, it is all requests from here on, page after page. */
export interface RequestPage extends RequestPageAnswer, AsyncIterable<RequestStatus> {}

export interface ListQuery extends Loose<Omit<RequestQuery, "cursor">> {
  /** `nextCursor` of the page before, with the same filters; null is the first page. */
  cursor?: string | null | undefined;
}

export interface Requests {
  /** The status now. @throws VisgateError `REQUEST_NOT_FOUND` */
  get(requestId: string): Promise<RequestStatus>;
  /** The status when it is `completed` or `failed`; a failed request is not an error here. @throws TimeoutError */
  wait(requestId: string, options?: WaitOptions): Promise<RequestStatus>;
  /** Newest first, 20 at a time unless `limit` (at most 100) says otherwise. */
  list(query?: ListQuery): Promise<RequestPage>;
  /**
   * The answer says what happens to the money. When an answer was lost on the way, and the request did end by a cancel,
   * that is one. @throws VisgateError `ALREADY_TERMINAL`
   */
  cancel(requestId: string): Promise<CancelAnswer>;
  /** Erases a request that has ended, its outputs included. @throws VisgateError `NOT_TERMINAL`, `REQUEST_NOT_FOUND` */
  delete(requestId: string): Promise<DeleteAnswer>;
  /** Every change as it happens, from the status now to the last one; cut connections are mended. Can be left at any time. */
  events(requestId: string, options?: EventsOptions): AsyncIterable<RequestStatus>;
  /** All that has happened to it, oldest first. */
  timeline(requestId: string): Promise<TimelineEntry[]>;
  /** Its webhooks, and how each attempt went. */
  deliveries(requestId: string): Promise<Delivery[]>;
  /** Sends a webhook anew, under the same `webhook-id`. */
  redeliver(requestId: string, deliveryId: string): Promise<Redelivering>;
}

const STATUS = { requestId: "string", status: "string" };
const PAGE = { requests: "array", nextCursor: "string null" };

export function createRequests(http: Http): Requests {
  const pageOf = (query: ListQuery) => http.json<RequestPageAnswer>({ path: "/requests", shape: PAGE, query });

  async function list(query: ListQuery = {}): Promise<RequestPage> {
    const page = await pageOf(query);
    return { ...page, [Symbol.asyncIterator]: () => requestsFrom(page, query) };
  }
  async function* requestsFrom(first: RequestPageAnswer, query: ListQuery): AsyncGenerator<RequestStatus> {
    for (let page = first; ; page = await pageOf({ ...query, cursor: page.nextCursor })) {
      yield* page.requests;
      if (page.nextCursor === null) return;
    }
  }

  return {
    get: async (requestId) => http.json({ path: requestPath(requestId), shape: STATUS }),
    wait: async (requestId, options = {}) =>
      waitForEnd(http, requestId, { ...options, timeout: waitLimitMs(options.timeout) }),
    list,
    cancel: (requestId) => cancel(http, requestId),
    delete: (requestId) => erase(http, requestId),
    events: (requestId, options) => streamEvents(http, requestId, options),
    timeline: async (requestId) =>
      http.member({ path: requestPath(requestId), query: { include: "timeline" }, name: "timeline" }),
    deliveries: async (requestId) => http.member({ path: requestPath(requestId, "/deliveries"), name: "deliveries" }),
    redeliver: async (requestId, deliveryId) =>
      http.json({
        method: "POST",
        path: requestPath(requestId, `/deliveries/${segment("deliveryId", deliveryId)}/redeliver`),
        shape: { redelivering: "number" },
        idempotent: false,
      }),
  };
}

/** After a lost answer the request may be gone because this very call has erased it. */
async function erase(http: Http, requestId: string): Promise<DeleteAnswer> {
  return http.json({
    method: "DELETE",
    path: requestPath(requestId),
    shape: { requestId: "string" },
    afterLostTry: ({ errorCode }) => (errorCode === "REQUEST_NOT_FOUND" ? { requestId, deleted: true } : null),
  });
}

/** After a lost answer it may have ended because this very call has cancelled it: its status tells. */
async function cancel(http: Http, requestId: string): Promise<CancelAnswer> {
  const path = requestPath(requestId);
  const afterLostTry = async ({ errorCode, message }: VisgateError): Promise<CancelAnswer | null> => {
    if (errorCode !== "ALREADY_TERMINAL") return null;
    const now = await http.json<RequestStatus>({ path, shape: STATUS }).catch(() => null);
    if (now?.errorCode !== "CANCELLED") return null;
    return { requestId, status: "cancelling", chargeState: now.chargeState, message };
  };
  return http.json({ method: "POST", path: `${path}/cancel`, shape: { requestId: "string" }, afterLostTry });
}
