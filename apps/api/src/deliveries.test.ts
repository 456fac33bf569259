import type { Delivery } from "@visgate/shared/delivery";
import { queuePrefix, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { Queue } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DeliveryView, deliveryList } from "../../../packages/shared/src/contract/delivery.js";
import { OTHER_KEY, ref, startTestApi, type TestApi, VEO } from "../../../tests/support/api.js";
import { startTestRedis, type TestRedis } from "../../../tests/support/redis.js";
import { until } from "../../../tests/support/until.js";

let server: TestRedis;
let api: TestApi;
let queue: Queue;
beforeAll(async () => {
  server = await startTestRedis();
});
beforeEach(async () => {
  api = await startTestApi(server.url);
  queue = new Queue(WEBHOOKS_QUEUE, { connection: api.redis, prefix: queuePrefix(WEBHOOKS_QUEUE) });
  await queue.drain();
  await api.redis.del(api.deps.store.keys.endpoints("default"), api.deps.store.keys.subscriptions("default"));
});
afterEach(async () => {
  await queue.close();
  await api.close();
});
afterAll(() => server.stop());

const HOOKED = { ...VEO, webhook_url: "https://example.com/hook" };
const jobs = async () => (await queue.getWaiting()).map(({ id }) => id);

/** A request that has failed, and whose delivery was abandoned after two attempts. */
async function abandoned(body: object = HOOKED): Promise<{ id: string; delivery: Delivery }> {
  const id = await api.submit(body);
  await api.fail(id);
  const [stored] = await api.deps.store.deliveries.ofRequest(ref(id));
  if (stored === undefined) throw new Error("no delivery was created");
  const attempts = [500, 503].map((httpStatus) => {
    return { at: api.clock.now(), by: "worker-1", httpStatus, ms: 7, error: `HTTP ${httpStatus}` };
  });
  const delivery: Delivery = { ...stored.doc, state: "abandoned", attempts };
  await api.deps.store.deliveries.save(stored.rev, delivery, null);
  await until("the wake-up of its birth", async () => (await jobs()).includes(delivery.id));
  await queue.drain();
  return { id, delivery };
}
const listOf = (id: string, key?: string) =>
  api.call("GET", `/requests/${id}/deliveries`, key === undefined ? {} : { key });
const redeliver = (id: string, delivery: string, key?: string) =>
  api.call("POST", `/requests/${id}/deliveries/${delivery}/redeliver`, key === undefined ? {} : { key });

describe("GET /requests/{id}/deliveries", () => {
  test("lists the deliveries with their attempts", async () => {
    const { id, delivery } = await abandoned();
    const answer = await listOf(id);
    expect(deliveryList.parse(answer.body)).toEqual(answer.body);
    expect(answer.body.deliveries).toEqual([
      {
        ...{ id: `msg_${id}`, event_id: `msg_${id}`, type: "request.failed", sequence: delivery.sequence },
        ...{ endpoint_id: null, url: HOOKED.webhook_url, state: "abandoned", next_attempt_at: null },
        created_at: new Date(delivery.createdAt).toISOString(),
        attempts: [500, 503].map((status) => ({
          ...{ at: new Date(api.clock.now()).toISOString(), http_status: status, ms: 7 },
          ...{ error: `HTTP ${status}`, worker: "worker-1" },
        })),
      },
    ]);
  });

  test("shows the URL and the time of the next attempt; no URL of a removed endpoint", async () => {
    const register = (name: string) =>
      api.call("POST", "/webhook-endpoints", { body: { url: `https://${name}.example.com/` } });
    const [one, removed] = [(await register("one")).body.id, (await register("removed")).body.id];
    const id = await api.submit(VEO);
    await api.fail(id);
    await api.call("DELETE", `/webhook-endpoints/${removed}`);
    const { deliveries } = api.deps.store;
    for (const { rev, doc } of await deliveries.ofRequest(ref(id))) {
      await deliveries.save(
        rev,
        { ...doc, nextAttemptAt: doc.endpointId === one ? api.clock.now() + 5000 : null },
        5000,
      );
    }
    const shown = (await listOf(id)).body.deliveries;
    const nextAt = new Date(api.clock.now() + 5000).toISOString();
    expect(
      new Map(shown.map((delivery: DeliveryView) => [delivery.endpoint_id, [delivery.url, delivery.next_attempt_at]])),
    ).toEqual(
      new Map([
        [one, ["https://one.example.com/", nextAt]],
        [removed, [null, null]],
      ]),
    );
  });

  test("is empty for a request without a receiver", async () => {
    expect((await listOf(await api.submit())).body).toEqual({ deliveries: [] });
  });
});

describe("redelivering", () => {
  test("makes an abandoned delivery pending under the same id, with all its attempts ahead", async () => {
    const { id, delivery } = await abandoned();
    const answer = await redeliver(id, delivery.id);
    expect([answer.status, answer.body]).toEqual([202, { redelivering: 1 }]);
    const kept = await api.deps.store.deliveries.get(delivery);
    expect(kept?.doc).toEqual({ ...delivery, state: "pending", attemptsBefore: 2 });
    expect(await jobs()).toEqual([delivery.id]);
  });

  test("sends a delivery that waits for its next attempt now, without changing it", async () => {
    const id = await api.submit(HOOKED);
    await api.fail(id);
    await until("its job", async () => (await jobs()).length === 1);
    await queue.drain();
    await queue.add("wake-up", { v: 1, organization: "default", id: `msg_${id}` }, { jobId: `msg_${id}`, delay: 9e6 });
    expect((await redeliver(id, `msg_${id}`)).status).toBe(202);
    await until("the job to wake up", async () => (await jobs()).includes(`msg_${id}`));
    expect((await api.deps.store.deliveries.get(ref(`msg_${id}`)))?.rev).toBe("1");
  });

  test("is a 404 for an unknown delivery and for one of another request or organization, and sends nothing", async () => {
    const one = await abandoned();
    const other = await abandoned();
    const answers = [
      await redeliver(one.id, "msg_unknown"),
      await redeliver(one.id, other.delivery.id),
      await redeliver(one.id, one.delivery.id, OTHER_KEY),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await jobs()).toEqual([]);
  });

  test("sends all abandoned deliveries since a time, of all receivers or of one endpoint", async () => {
    const early = await abandoned();
    api.clock.advance(60_000);
    const since = new Date(api.clock.now()).toISOString();
    const { id: endpointId } = (
      await api.call("POST", "/webhook-endpoints", { body: { url: "https://example.com/all" } })
    ).body;
    const own = await abandoned();
    const ofEndpoint = await abandoned(VEO);
    const send = async (path: string) => (await api.call("POST", path, { body: { since } })).body;
    expect(await send(`/webhook-endpoints/${endpointId}/redeliver`)).toEqual({ redelivering: 1 });
    expect(await jobs()).toEqual([ofEndpoint.delivery.id]);
    expect(await send("/deliveries/redeliver")).toEqual({ redelivering: 1 });
    expect((await jobs()).toSorted()).toEqual([ofEndpoint.delivery.id, own.delivery.id].toSorted());
    expect((await api.deps.store.deliveries.get(early.delivery))?.doc.state).toBe("abandoned");
  });

  test("sends each of 250 deliveries once when two calls run at the same time", async () => {
    const { delivery } = await abandoned();
    const { keys, deliveries } = api.deps.store;
    const ids = Array.from({ length: 250 }, (_, n) => `${delivery.id}-${n}`);
    for (const id of ids) {
      await api.redis.hset(keys.delivery("default", id), { rev: 1, doc: JSON.stringify({ ...delivery, id }) });
      await api.redis.zadd(keys.failedDeliveries("default"), delivery.createdAt, id);
    }
    const body = { since: new Date(delivery.createdAt).toISOString() };
    const answers = await Promise.all([1, 2].map(() => api.call("POST", "/deliveries/redeliver", { body })));
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(Math.max(...answers.map((answer) => answer.body.redelivering))).toBeGreaterThanOrEqual(126);
    expect((await jobs()).toSorted()).toEqual([delivery.id, ...ids].toSorted());
    expect(await deliveries.failedSince("default", delivery.createdAt)).toEqual([]);
  });

  test.each([{}, { since: "yesterday" }, { since: 5 }, { since: "2026-01-01T00:00:00Z", all: true }])(
    "is a 422 that names the field for %j",
    async (body) => {
      const answer = await api.call("POST", "/deliveries/redeliver", { body });
      expect([answer.status, answer.body.details.field]).toEqual([422, "all" in body ? "all" : "since"]);
    },
  );
});
