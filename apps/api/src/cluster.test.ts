/** The API on a Redis Cluster whose replicas must have what it shows. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../../tests/support/api.js";
import { useTestCluster } from "../../../tests/support/redis-cluster.js";
import { until } from "../../../tests/support/until.js";

const cluster = useTestCluster({ replicas: 1 });
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(cluster.url, { replicas: 1 });
});
afterAll(() => api.close());

test("calls that wait while the slot of their organization moves are answered at the next change", async () => {
  const { keys } = api.deps.store;
  const id = await api.submit();
  const waiting = [api.call("GET", `/requests/${id}?wait=25`), api.call("GET", "/events?after=0&wait=25")] as const;
  const channels = [keys.channel("default", id), keys.feedChannel("default")];
  const untilHeard = () =>
    until("the subscriptions", async () => {
      const node = await cluster.primaryOf(keys.all("default"));
      const counts = (await node.command("PUBSUB", "SHARDNUMSUB", ...channels)) as unknown[];
      return counts.filter((count) => count === 1).length === channels.length;
    });
  for (let move = 0; move < 2; move += 1) {
    await untilHeard();
    await cluster.moveSlotOf(keys.all("default"));
    await until("the nodes to agree", cluster.isAgreed);
  }
  await untilHeard();
  const began = performance.now();
  await api.complete(id);
  const [request, feed] = await Promise.all(waiting);
  expect([request.status, request.body.status]).toEqual([200, "completed"]);
  expect([feed.status, feed.body.events.length]).toEqual([200, 1]);
  // Without a message they would look again within 10 s.
  expect(performance.now() - began).toBeLessThan(8000);
});
