/** The API while its Redis is a read-only replica: after a failover behind one address, and at the start. */
import { createLogger } from "@visgate/shared/runtime";
import { createGate, registerDefaultOrganization } from "@visgate/shared/store";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { ASYNC, KEY, startTestApi, type TestApi, VEO } from "../../../tests/support/api.js";
import { startTestRedis } from "../../../tests/support/redis.js";
import { startPair, startSwitchProxy } from "../../../tests/support/redis-failover.js";
import { until } from "../../../tests/support/until.js";
import { registerKeys } from "./register-keys.js";

/** Ends before the servers, which a test starts first. */
async function openApi(url: string): Promise<TestApi> {
  const api = await startTestApi(url);
  onTestFinished(api.close);
  return api;
}
const health = (api: TestApi) => api.call("GET", "/health", { key: null });

test("a failover behind one address: 503 with the reason in health, then normal again without help", async () => {
  const pair = await startPair();
  onTestFinished(pair.stop);
  const proxy = await startSwitchProxy(pair.primary.url);
  onTestFinished(proxy.close);
  const address = new URL(pair.primary.url);
  address.port = String(proxy.port);
  const api = await openApi(address.href);
  const before = await api.submit();
  const replica = new Redis(pair.replica.url);
  onTestFinished(() => replica.disconnect());
  await until("the replica to have the request", () => replica.exists(api.deps.store.keys.request("default", before)));
  proxy.switchTo(pair.replica.url);
  await pair.swap();
  const refused = await api.generate(VEO, ASYNC);
  expect([refused.status, refused.body.error]).toEqual([503, "UNAVAILABLE"]);
  const degraded = await health(api);
  expect([degraded.status, degraded.body]).toMatchObject([503, { status: "degraded", database: "unavailable" }]);
  expect(degraded.body.reason).toContain("read-only replica");
  expect(degraded.body.reason).not.toContain("127.0.0.1");
  await until("the API to accept again", async () => (await api.generate(VEO, ASYNC)).status === 202);
  // Each connection of the API finds the new primary by itself.
  const kept = await until("the request to be read", async () => {
    const answer = await api.call("GET", `/requests/${before}`);
    return answer.status !== 503 && answer;
  });
  expect(kept.body).toMatchObject({ status: "pending" });
  const { body } = await until("health", async () => {
    const answer = await health(api);
    return answer.status === 200 && answer;
  });
  expect([body.status, "reason" in body]).toEqual(["ok", false]);
});

test("a read-only replica at the start: no key is called unknown before the keys are registered", async () => {
  const server = await startTestRedis();
  onTestFinished(server.stop);
  const admin = new Redis(server.url);
  onTestFinished(() => admin.disconnect());
  const api = await openApi(server.url);
  await admin.del(api.deps.store.keys.apiKeyIndex());
  await admin.call("REPLICAOF", "127.0.0.1", "1");
  const log = createLogger({ level: "silent", service: "api", secretNames: [] });
  const gate = createGate(api.redis, { checkEveryMs: 50 });
  onTestFinished(() => gate.close());
  const register = () => registerDefaultOrganization(api.deps.store, KEY, api.clock.now());
  const keys = registerKeys({ gate, register, log });
  api.deps.areKeysRegistered = keys.isDone;

  const answer = () => api.call("GET", "/auth/me");
  await until("the gate to close", () => gate.whyClosed());
  // Not while the API connects again, when it does not look for the key.
  const early = await until("an answer over a connection", async () => {
    const { status, body } = await answer();
    return (status !== 503 || body.message.includes("not ready")) && { status, body };
  });
  expect([early.status, early.body.error]).toEqual([503, "UNAVAILABLE"]);
  expect((await health(api)).status).toBe(503);
  await admin.call("REPLICAOF", "NO", "ONE");
  await keys.done;
  expect((await answer()).status).toBe(200);
  expect((await api.call("GET", "/auth/me", { key: "vg-a-key-nobody-knows" })).status).toBe(401);
  await until("health", async () => (await health(api)).status === 200);
});
