/** With ACCEPT_REPLICAS a call is accepted only when a replica has its request. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ASYNC, startTestApi, type TestApi, VEO } from "../../../tests/support/api.js";
import { type Pair, startPair } from "../../../tests/support/redis-failover.js";
import { until } from "../../../tests/support/until.js";

let pair: Pair;
let api: TestApi;
beforeAll(async () => {
  pair = await startPair();
  api = await startTestApi(pair.primary.url, { replicas: 1 });
});
afterAll(async () => {
  await api.close();
  await pair.stop();
});

const withCallbackId = async (id: string) => (await api.call("GET", `/requests?callback_id=${id}`)).body.requests;

test("the replica has every request that was answered 202", async () => {
  const id = await api.submit();
  const replica = new Redis(pair.replica.url);
  expect(await replica.exists(api.deps.store.keys.request("default", id))).toBe(1);
  replica.disconnect();
});

test("the replica hangs: a call is answered 503, and was not accepted; only what was shown before is shown", async () => {
  const [known, unknown] = [await api.submit(), await api.submit({ ...VEO, prompt: "not polled yet" })];
  expect((await api.call("GET", `/requests/${known}`)).status).toBe(200);
  process.kill(pair.replica.pid, "SIGSTOP");
  onTestFinished(() => void process.kill(pair.replica.pid, "SIGCONT"));
  const answer = await api.generate({ ...VEO, callback_id: "not-replicated" }, ASYNC);
  expect([answer.status, answer.body.error]).toEqual([503, "UNAVAILABLE"]);
  const shown = async (id: string) => (await api.call("GET", `/requests/${id}`)).status;
  expect(await shown(known), "its status has been shown").toBe(200);
  expect(await shown(unknown), "its status has not").toBe(503);
  const feed = await api.call("GET", "/events");
  expect([feed.status, feed.body.error]).toEqual([503, "UNAVAILABLE"]);
  const health = await api.call("GET", "/health", { key: null });
  expect([health.status, health.body.reason]).toEqual([503, expect.stringContaining("ACCEPT_REPLICAS")]);
  process.kill(pair.replica.pid, "SIGCONT");
  await until("its withdrawal", async () => (await withCallbackId("not-replicated")).length === 0);
  await until("the next acceptance", async () => {
    const { status } = await api.generate({ ...VEO, callback_id: "replicated" }, ASYNC);
    return status === 202;
  });
  expect(await withCallbackId("replicated")).toHaveLength(1);
  expect(await withCallbackId("not-replicated")).toEqual([]);
});
