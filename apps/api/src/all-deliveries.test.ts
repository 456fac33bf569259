/** GET /deliveries: the webhooks of all requests. */
import type { Delivery } from "@visgate/shared/delivery";
import { beforeEach, describe, expect, test } from "vitest";
import { deliveryPage } from "../../../packages/shared/src/contract/delivery.js";
import { OTHER_KEY, ref, useTestApi, VEO } from "../../../tests/support/api.js";

const { api } = useTestApi();
beforeEach(async () => {
  const { keys } = api.deps.store;
  await api.redis.del(keys.allDeliveries("default"), keys.failedDeliveries("default"));
});

const ALERTS = { url: "https://alerts.example.com/", events: ["budget.threshold"] };
const HOOKED = { ...VEO, webhook_url: "https://example.com/hook" };
const list = async (query: Record<string, string> = {}, key?: string) => {
  const { status, body } = await api.call("GET", `/deliveries?${new URLSearchParams(query)}`, key ? { key } : {});
  expect([status, body.message]).toEqual([200, undefined]);
  return deliveryPage.parse(body);
};
const requestsOf = ({ deliveries }: Awaited<ReturnType<typeof list>>) => deliveries.map(({ request_id }) => request_id);

/** A request with a delivery in this state. */
async function delivered(state: Delivery["state"], body: object = HOOKED): Promise<string> {
  const id = await api.submit(body);
  api.clock.advance(10);
  await api.fail(id);
  for (const { rev, doc } of await api.deps.store.deliveries.ofRequest(ref(id))) {
    if (doc.type === "request.failed" && state !== "pending")
      await api.deps.store.deliveries.save(rev, { ...doc, state }, null);
  }
  return id;
}

describe("a list of deliveries", () => {
  test("is across requests, newest first, and shows each as its request does", async () => {
    const ids = [await delivered("delivered"), await delivered("abandoned"), await delivered("pending")];
    const page = await list();
    expect([requestsOf(page), page.next_cursor]).toEqual([ids.toReversed(), null]);
    for (const { request_id, ...shown } of page.deliveries) {
      const { body } = await api.call("GET", `/requests/${request_id}/deliveries`);
      expect(body.deliveries).toEqual([shown]);
      expect(shown.url).toBe(HOOKED.webhook_url);
    }
  });

  test.each([
    ["state", { state: "abandoned" }, ["abandoned"]],
    ["several states", { state: "pending,abandoned" }, ["pending", "abandoned"]],
    ["type", { type: "request.completed" }, []],
    ["endpoint_id", { endpoint_id: "we_none" }, []],
  ])("is filtered by %s", async (_what, query, expected) => {
    const made = new Map<string, string>();
    for (const state of ["delivered", "abandoned", "pending"] as const) made.set(await delivered(state), state);
    expect(requestsOf(await list(query)).map((id) => made.get(id ?? ""))).toEqual(expected);
  });

  test("is filtered by the endpoint and by the time, both exclusive", async () => {
    const endpoint = (await api.call("POST", "/webhook-endpoints", { body: { url: "https://all.example.com/" } })).body;
    const since = api.clock.now();
    const id = await delivered("pending");
    const [own, registered] = (await list()).deliveries.toSorted((a) => (a.endpoint_id === null ? -1 : 1));
    expect([own?.endpoint_id, registered?.endpoint_id]).toEqual([null, endpoint.id]);
    const found = await list({ endpoint_id: endpoint.id });
    expect(found.deliveries).toEqual([registered]);
    expect(found.deliveries[0]).toMatchObject({ request_id: id, url: "https://all.example.com/" });
    const at = own?.created_at ?? "";
    expect((await list({ created_after: at })).deliveries).toEqual([]);
    expect((await list({ created_before: at })).deliveries).toEqual([]);
    expect((await list({ created_after: new Date(since).toISOString() })).deliveries).toHaveLength(2);
    await api.call("DELETE", `/webhook-endpoints/${endpoint.id}`);
    expect((await list({ endpoint_id: endpoint.id })).deliveries[0]?.url).toBeNull();
  });

  test("has each delivery on one page, also of the same millisecond", async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, () => delivered("pending")));
    const found: (string | null)[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof list>> = await list({ limit: "3", ...(cursor && { cursor }) });
      expect(page.deliveries.length).toBeGreaterThan(0);
      found.push(...requestsOf(page));
      cursor = page.next_cursor;
    }
    expect(found.toSorted()).toEqual(ids.toSorted());
  });

  test("has no deliveries of erased requests, and none of another organization", async () => {
    const [erased, kept] = [await delivered("delivered"), await delivered("delivered")];
    await api.call("DELETE", `/requests/${erased}`);
    expect(requestsOf(await list())).toEqual([kept]);
    expect(await api.redis.zcard(api.deps.store.keys.allDeliveries("default"))).toBe(1);
    expect((await list({}, OTHER_KEY)).deliveries).toEqual([]);
  });

  test("has what an endpoint missed while it was disabled, at the time of its event", async () => {
    const { id: endpoint } = (
      await api.call("POST", "/webhook-endpoints", { body: { url: "https://late.example.com/" } })
    ).body;
    const enable = (enabled: boolean) => api.call("PATCH", `/webhook-endpoints/${endpoint}`, { body: { enabled } });
    await enable(false);
    const [missed, later] = [await delivered("pending"), await delivered("pending")];
    await enable(true);
    const { missedEvents, feed } = api.deps.store;
    for (const one of await missedEvents.list("default")) {
      const entries = await feed.read("default", one.after, 500);
      await missedEvents.catchUp("default", one, { ...one, after: one.last }, entries);
    }
    const found = await list({ endpoint_id: endpoint, type: "request.failed" });
    expect(requestsOf(found)).toEqual([later, missed]);
    await api.call("DELETE", `/webhook-endpoints/${endpoint}`);
  });

  test("shows the alerts of budgets, without a request, until their retention ends", async () => {
    const endpoint = (await api.call("POST", "/webhook-endpoints", { body: ALERTS })).body;
    await api.call("PUT", "/budgets", { body: { subject: "organization", period: "month", limit_usd: 0.01 } });
    expect((await api.generate(VEO)).status).toBe(402);
    const alerts = (await list({ type: "budget.threshold" })).deliveries;
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts[0]).toMatchObject({ request_id: null, endpoint_id: endpoint.id, url: endpoint.url });
    await api.deps.store.maintenance.eraseAlertDeliveries("default", api.clock.now() + 1);
    expect((await list({ type: "budget.threshold" })).deliveries).toEqual([]);
    const { keys } = api.deps.store;
    expect(await api.redis.zrange(keys.allDeliveries("default"), "0", "-1")).toEqual([]);
    await api.call("DELETE", "/budgets?subject=organization&period=month");
    await api.call("DELETE", `/webhook-endpoints/${endpoint.id}`);
  });
});

test.each([
  ["state=failed", "state"],
  ["state=pending,", "state"],
  ["type=request.made", "type"],
  ["limit=101", "limit"],
  ["cursor=x", "cursor"],
  ["created_after=yesterday", "created_after"],
  ["request_id=x", "request_id"],
])("?%s is a 422 that names the field", async (query, field) => {
  const { status, body } = await api.call("GET", `/deliveries?${query}`);
  expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
});

test("a cursor is a 422 with other filters, and one of the requests' list is none of this one", async () => {
  for (let count = 0; count < 2; count += 1) await delivered("pending");
  const { next_cursor: cursor } = await list({ limit: "1" });
  const { body } = await api.call("GET", "/requests?limit=1");
  for (const query of [`state=pending&cursor=${cursor}`, `cursor=${body.next_cursor}`]) {
    const answer = await api.call("GET", `/deliveries?${query}`);
    expect([answer.status, answer.body.details.field]).toEqual([422, "cursor"]);
  }
});
