/** `client.requests`: the status, the history and the deliveries of submitted requests. */
import type { VisgateError } from "../errors.js";
import { type GenerateOptions, type GenerationRequest, submit } from "../generate.js";
import type { Http } from "../http.js";
import { requestPath, segment } from "../paths.js";
import { type EventsOptions, streamEvents } from "../request-events.js";
import type {
  BulkBody,
  BulkResult,
  CancelAnswer,
  DeleteAnswer,
  Delivery,
  Receipt,
  Redelivering,
  RequestPageAnswer,
  RequestQuery,
  RequestStatus,
  RequestWithInput,
  Settlement,
  TimelineEntry,
} from "../types.generated.js";
import { waitForEnd } from "../wait-for-end.js";
import { type WaitOptions, waitLimitMs } from "../wait-options.js";
import { type OptionalFields, requestBody, toWire } from "../wire-format.js";

/** One page of requests. Iterating over it yields the requests of this page and of all later pages. */
export interface RequestPage extends RequestPageAnswer, AsyncIterable<RequestWithInput> {}

type Status = RequestStatus["status"];

export interface ListQuery extends OptionalFields<Omit<RequestQuery, "cursor" | "status">> {
  /** Only requests with this status, or with one of these. */
  status?: Status | readonly Status[] | undefined;
  /** `nextCursor` of the previous page, used with the same filters; null, or left out, for the first page. */
  cursor?: string | null | undefined;
}

/** The requests that a call is about, as the filters of `list`; at least one filter. */
export type BulkFilter = OptionalFields<BulkBody["filter"]>;

export interface Bulk extends OptionalFields<Omit<BulkBody, "action" | "filter" | "cursor">> {
  /** `cancel`: open requests; `delete`, `again`: those that have ended. `again` costs money and needs `expectedCount`. */
  action: BulkBody["action"];
  filter: BulkFilter;
  /** `nextCursor` of the previous call, with the same action and filter. */
  cursor?: string | null | undefined;
}

export interface BulkOptions {
  /** For `again`: calls with the same key within 24 hours make no request twice. A new UUID unless given. */
  idempotencyKey?: string | undefined;
}

export interface Requests {
  /** The current status, with what the request was made from. @throws VisgateError `REQUEST_NOT_FOUND` */
  get(requestId: string): Promise<RequestWithInput>;
  /**
   * Waits until the status is `completed` or `failed` and returns it; a failed request is not an error here.
   * @throws TimeoutError the time limit was reached; the request continues at the gateway
   */
  wait(requestId: string, options?: WaitOptions): Promise<RequestStatus>;
  /** Newest first. A page has 20 requests unless `limit` (at most 100) says otherwise. */
  list(query?: ListQuery): Promise<RequestPage>;
  /**
   * Cancels the request; the answer says what happens to the money. When an answer to this call was lost and the
   * request has ended by a cancel, the call succeeds.
   * @throws VisgateError `ALREADY_TERMINAL`, `REQUEST_NOT_FOUND`
   */
  cancel(requestId: string): Promise<CancelAnswer>;
  /**
   * Makes the call of a request again, as a new request, which is returned once it is accepted; its `wait()` returns its
   * last status. It is a new generation, at today's price, also when the cache has an equal one.
   * @throws VisgateError `REQUEST_NOT_FOUND`, and what a generation throws
   */
  again(requestId: string, options?: GenerateOptions): Promise<GenerationRequest<RequestStatus>>;
  /**
   * Cancels, deletes or makes again the requests that the filter matches: at most 500, and `nextCursor` leads to more.
   * With `dryRun` it only counts them. Except for `again`, it is not retried after a lost answer.
   * @throws VisgateError `COUNT_CHANGED` nothing was done, because the filter does not match `expectedCount` requests
   */
  bulk(bulk: Bulk, options?: BulkOptions): Promise<BulkResult>;
  /** Erases an ended request with its outputs. @throws VisgateError `NOT_TERMINAL`, `REQUEST_NOT_FOUND` */
  delete(requestId: string): Promise<DeleteAnswer>;
  /**
   * The status now and after every change, until the request has ended. A broken connection is opened again, and no
   * change is repeated. `break` ends it at once.
   */
  events(requestId: string, options?: EventsOptions): AsyncIterable<RequestStatus>;
  /** What the request was quoted, held, tried, billed and saved. */
  receipt(requestId: string): Promise<Receipt>;
  /**
   * Says what the provider billed for a request whose charge is unknown. Until then its money stays set aside.
   * @throws VisgateError `ALREADY_TERMINAL` the charge is known, `NOT_TERMINAL`, `REQUEST_NOT_FOUND`
   */
  settle(requestId: string, settlement: Settlement): Promise<RequestStatus>;
  /** Everything that has happened to the request, oldest first. */
  timeline(requestId: string): Promise<TimelineEntry[]>;
  /** The request's webhooks, each with its attempts. */
  deliveries(requestId: string): Promise<Delivery[]>;
  /** Sends a webhook again, under the same `webhook-id`. Not retried after a lost answer. */
  redeliver(requestId: string, deliveryId: string): Promise<Redelivering>;
}

const STATUS = { requestId: "string", status: "string" };
const PAGE = { requests: "array", nextCursor: "string null" };

export function createRequests(http: Http): Requests {
  const getPage = ({ status, ...rest }: ListQuery) => {
    const query = { ...rest, status: status === undefined ? undefined : String(status) };
    return http.json<RequestPageAnswer>({ path: "/requests", expected: PAGE, query });
  };

  async function list(query: ListQuery = {}): Promise<RequestPage> {
    const page = await getPage(query);
    return { ...page, [Symbol.asyncIterator]: () => requestsFrom(page, query) };
  }
  async function* requestsFrom(first: RequestPageAnswer, query: ListQuery): AsyncGenerator<RequestWithInput> {
    for (let page = first; ; page = await getPage({ ...query, cursor: page.nextCursor })) {
      yield* page.requests;
      if (page.nextCursor === null) return;
    }
  }

  return {
    get: async (requestId) => http.json({ path: requestPath(requestId), expected: STATUS }),
    wait: async (requestId, options = {}) =>
      waitForEnd(http, requestId, { ...options, timeout: waitLimitMs(options.timeout) }),
    list,
    cancel: (requestId) => cancelRequest(http, requestId),
    again: async (requestId, options = {}) => {
      const path = requestPath(requestId, "/again");
      return submit(http, { path, body: {}, result: ({ status }) => status }, options);
    },
    bulk: (bulk, options = {}) => actOnMany(http, bulk, options),
    delete: (requestId) => deleteRequest(http, requestId),
    events: (requestId, options) => streamEvents(http, requestId, options),
    receipt: async (requestId) =>
      http.json({ path: requestPath(requestId, "/receipt"), expected: { requestId: "string", attempts: "array" } }),
    settle: async (requestId, settlement) =>
      http.json({
        method: "POST",
        path: requestPath(requestId, "/settle"),
        body: requestBody(settlement),
        expected: STATUS,
        idempotent: false,
      }),
    timeline: async (requestId) =>
      http.field({ path: requestPath(requestId), query: { include: "timeline" }, field: "timeline" }),
    deliveries: async (requestId) => http.field({ path: requestPath(requestId, "/deliveries"), field: "deliveries" }),
    redeliver: async (requestId, deliveryId) =>
      http.json({
        method: "POST",
        path: requestPath(requestId, `/deliveries/${segment("deliveryId", deliveryId)}/redeliver`),
        expected: { redelivering: "number" },
        idempotent: false,
      }),
  };
}

/** Under the same key, a repeated `again` returns the same requests. A repeated cancel or delete would count others. */
async function actOnMany(http: Http, { filter, cursor, ...bulk }: Bulk, options: BulkOptions): Promise<BulkResult> {
  const isRepeatable = bulk.action === "again" || bulk.dryRun === true;
  const position = cursor == null ? {} : { cursor };
  return http.json({
    method: "POST",
    path: "/requests/bulk",
    body: requestBody({ ...bulk, ...position, filter: toWire(filter) }),
    headers: { "Idempotency-Key": options.idempotencyKey ?? http.runtime.newIdempotencyKey() },
    withProviderKeys: true,
    expected: { matched: "number", done: "number", failed: "array" },
    idempotent: isRepeatable,
  });
}

/** After a lost answer, "not found" means that the earlier try of this call has deleted the request. */
async function deleteRequest(http: Http, requestId: string): Promise<DeleteAnswer> {
  return http.json({
    method: "DELETE",
    path: requestPath(requestId),
    expected: { requestId: "string" },
    afterLostTry: ({ errorCode }) => (errorCode === "REQUEST_NOT_FOUND" ? { requestId, deleted: true } : null),
  });
}

/** After a lost answer, the earlier try of this call may have cancelled the request: its status says so. */
async function cancelRequest(http: Http, requestId: string): Promise<CancelAnswer> {
  const path = requestPath(requestId);
  const afterLostTry = async ({ errorCode, message }: VisgateError): Promise<CancelAnswer | null> => {
    if (errorCode !== "ALREADY_TERMINAL") return null;
    const now = await http.json<RequestStatus>({ path, expected: STATUS }).catch(() => null);
    if (now?.errorCode !== "CANCELLED") return null;
    return { requestId, status: "cancelling", chargeState: now.chargeState, message };
  };
  return http.json({ method: "POST", path: `${path}/cancel`, expected: { requestId: "string" }, afterLostTry });
}
