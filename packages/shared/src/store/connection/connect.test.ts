import { once } from "node:events";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startHoldingProxy } from "../../../../../tests/support/holding-proxy.js";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { until } from "../../../../../tests/support/until.js";
import { connectFailFast, connectPatient, isRedisAway } from "./connect.js";

let server: TestRedis;
const opened: Redis[] = [];
const open = async (connect: (url: string) => Redis): Promise<Redis> => {
  const redis = connect(server.url);
  opened.push(redis);
  redis.on("error", () => {});
  if (redis.status !== "ready") await once(redis, "ready");
  return redis;
};
const faultOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error("it worked"),
    (error: unknown) => error,
  );

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(async () => {
  for (const redis of opened) redis.disconnect();
  await server.stop();
});

describe("isRedisAway", () => {
  test("is true for a full Redis, which writes nothing", async () => {
    const redis = await open(connectFailFast);
    await redis.config("SET", "maxmemory", "1");
    const error = await faultOf(redis.set("k", "v"));
    await redis.config("SET", "maxmemory", "0");
    expect(error).toMatchObject({ message: expect.stringContaining("OOM") });
    expect(isRedisAway(error)).toBe(true);
  });

  test("is false for a wrong command or a wrong type, which are bugs", async () => {
    const redis = await open(connectFailFast);
    await redis.set("text", "v");
    expect(isRedisAway(await faultOf(redis.hget("text", "f")))).toBe(false);
    expect(isRedisAway(await faultOf(redis.eval("return nonsense(", 0)))).toBe(false);
    expect(isRedisAway(new Error("something else"))).toBe(false);
    expect(isRedisAway("Connection is closed")).toBe(false);
  });

  test.each([
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "MISCONF Redis is configured to save RDB snapshots, but ...",
    "CLUSTERDOWN The cluster is down",
  ])("is true for %s", (message) => {
    expect(isRedisAway(new Error(message))).toBe(true);
  });
});

describe("a connection of the API", () => {
  test("fails a command in time while Redis is frozen", async () => {
    const redis = await open(connectFailFast);
    process.kill(server.pid, "SIGSTOP");
    const began = performance.now();
    const error = await faultOf(redis.get("k")).finally(() => process.kill(server.pid, "SIGCONT"));
    expect(isRedisAway(error)).toBe(true);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test("is replaced after it broke silently, without waiting for TCP to give up", async () => {
    const address = new URL(server.url);
    const proxy = await startHoldingProxy({ host: address.hostname, port: Number(address.port) });
    onTestFinished(proxy.close);
    address.port = String(proxy.port);
    const redis = await open(() => connectFailFast(address.href));
    proxy.silenceAll();
    expect(isRedisAway(await faultOf(redis.get("k")))).toBe(true);
    await until("a new connection", async () => (await redis.ping().catch(() => "")) === "PONG");
  });

  test("fails at once while Redis is down, a worker's waits; both work when Redis is back", async () => {
    const [api, worker] = [await open(connectFailFast), await open(connectPatient)];
    const closed = Promise.all([once(api, "close"), once(worker, "close")]);
    await server.takeDown();
    await closed;
    const began = performance.now();
    expect(isRedisAway(await faultOf(api.get("k")))).toBe(true);
    expect(performance.now() - began).toBeLessThan(1500);
    const patient = worker.set("kept", "yes");
    await server.bringBack();
    expect(await patient).toBe("OK");
    if (api.status !== "ready") await once(api, "ready");
    expect(await api.get("kept")).toBe("yes");
  });
});
