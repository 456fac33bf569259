/** With ACCEPT_REPLICAS a call is accepted only when a replica has its request; with _ON_DISK, has it on disk. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ASYNC, startTestApi, type TestApi, VEO } from "../../../tests/support/api.js";
import { type Pair, startPair } from "../../../tests/support/redis-failover.js";
import { until } from "../../../tests/support/until.js";
import { findValkey } from "../../../tests/support/valkey.js";

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

describe("on disk", () => {
  let disks: Pair;
  let strict: TestApi;
  let replica: Redis;
  beforeAll(async () => {
    disks = await startPair(await findValkey());
    strict = await startTestApi(disks.primary.url, { replicas: 1, onDisk: true });
    replica = new Redis(disks.replica.url);
  });
  afterAll(async () => {
    replica.disconnect();
    await strict.close();
    await disks.stop();
  });

  test("the replica has it in memory only: a call is answered 503, and 202 as soon as it is on disk too", async () => {
    expect((await strict.generate(VEO, ASYNC)).status).toBe(202);
    await replica.config("SET", "appendonly", "no");
    const refused = await strict.generate({ ...VEO, callback_id: "in-memory" }, ASYNC);
    expect([refused.status, refused.body.error]).toEqual([503, "UNAVAILABLE"]);
    const health = await strict.call("GET", "/health", { key: null });
    expect([health.status, health.body.reason]).toEqual([503, expect.stringContaining("ACCEPT_REPLICAS_ON_DISK")]);
    await replica.config("SET", "appendonly", "yes");
    await until("the next acceptance", async () => (await strict.generate(VEO, ASYNC)).status === 202);
    const ofRefused = async () => (await strict.call("GET", "/requests?callback_id=in-memory")).body.requests;
    await until("its withdrawal", async () => (await ofRefused()).length === 0);
  });
});
