/** `client.deliveries`: the webhooks of all requests. */
import type { Http } from "../http.js";
import type { DeliveryPageAnswer, DeliveryQuery, ListedDelivery } from "../types.generated.js";
import type { OptionalFields } from "../wire-format.js";

/** One page of deliveries. Iterating over it yields the deliveries of this page and of all later pages. */
export interface DeliveryPage extends DeliveryPageAnswer, AsyncIterable<ListedDelivery> {}

type State = ListedDelivery["state"];

export interface DeliveryListQuery extends OptionalFields<Omit<DeliveryQuery, "cursor" | "state">> {
  /** Only deliveries in this state, or in one of these. */
  state?: State | readonly State[] | undefined;
  /** `nextCursor` of the previous page, used with the same filters; null, or left out, for the first page. */
  cursor?: string | null | undefined;
}

export interface Deliveries {
  /** Newest first, across all requests. A page has 20 deliveries unless `limit` (at most 100) says otherwise. */
  list(query?: DeliveryListQuery): Promise<DeliveryPage>;
}

const PAGE = { deliveries: "array", nextCursor: "string null" };

export function createDeliveries(http: Http): Deliveries {
  const getPage = ({ state, ...rest }: DeliveryListQuery) => {
    const query = { ...rest, state: state === undefined ? undefined : String(state) };
    return http.json<DeliveryPageAnswer>({ path: "/deliveries", expected: PAGE, query });
  };
  async function* deliveriesFrom(first: DeliveryPageAnswer, query: DeliveryListQuery): AsyncGenerator<ListedDelivery> {
    for (let page = first; ; page = await getPage({ ...query, cursor: page.nextCursor })) {
      yield* page.deliveries;
      if (page.nextCursor === null) return;
    }
  }
  return {
    async list(query = {}) {
      const page = await getPage(query);
      return { ...page, [Symbol.asyncIterator]: () => deliveriesFrom(page, query) };
    },
  };
}
