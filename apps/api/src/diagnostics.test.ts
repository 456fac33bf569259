import { PROVIDER_NAMES } from "@visgate/providers";
import { diagnostics } from "@visgate/shared/contract";
import { queuePrefix } from "@visgate/shared/queue";
import { NEARLY_FULL } from "@visgate/shared/store";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { useTestApi } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";

const draining = new AbortController();
const { server, api } = useTestApi({ deps: { draining: draining.signal } });

const read = async () => {
  const { status, body } = await api.call("GET", "/diagnostics");
  expect(status).toBe(200);
  return z.strictObject(diagnostics(PROVIDER_NAMES).shape).parse(body);
};

test("GET /diagnostics: shows versions, Redis settings and what they guarantee, and simulated providers", async () => {
  expect(await read()).toMatchObject({
    version: "0.0.0-test",
    time: new Date(api.clock.now()).toISOString(),
    accepting: true,
    redis: {
      version: expect.stringMatching(/^\d+\.\d+/),
      settings: { append_only: "yes", append_fsync: "always", eviction_policy: "noeviction" },
      safe: true,
      message: expect.stringContaining("on disk"),
    },
    providers: PROVIDER_NAMES.map((provider) => ({
      ...{ provider, configured: ["fal", "replicate"].includes(provider), simulated: provider === "fal" },
    })),
  });
});

test("GET /diagnostics: contains no secret and no address", async () => {
  const text = JSON.stringify(await read());
  const { hostname, port, password } = new URL(server.url);
  expect(password).not.toBe("");
  for (const secret of [password, "the-server's-key", `${hostname}:${port}`, "redis://"])
    expect(text).not.toContain(secret);
});

test("GET /diagnostics: shows unsafe settings as they are now, and what to do", async () => {
  await api.redis.config("SET", "maxmemory-policy", "allkeys-lru");
  onTestFinished(() => void api.redis.config("SET", "maxmemory-policy", "noeviction"));
  const { redis } = await read();
  expect(redis).toMatchObject({ safe: false, message: expect.stringContaining("noeviction") });
  expect(redis.settings?.eviction_policy).toBe("allkeys-lru");
});

test("GET /diagnostics: works when Redis does not allow these commands", async () => {
  await api.redis.call("ACL", "SETUSER", "default", "-config", "-client", "-time", "-info");
  onTestFinished(() => void api.redis.call("ACL", "SETUSER", "default", "+@all"));
  const { redis, queues } = await read();
  expect(redis).toMatchObject({ version: null, settings: null, clock_ahead_ms: null, safe: true });
  expect(queues["fal"]).toMatchObject({ waiting: 0, workers: null });
});

test("GET /diagnostics: compares this server's clock with Redis's clock", async () => {
  const { redis: before } = await read();
  api.clock.advance(60_000);
  const { redis: after } = await read();
  expect(before.clock_ahead_ms).toBeLessThan(30_000);
  expect(after.clock_ahead_ms).toBeLessThan(-30_000);
});

test("GET /diagnostics: counts jobs and workers per queue", async () => {
  await api.submit();
  await api.deps.store.outbox.pushed();
  expect((await read()).queues).toEqual({
    fal: { waiting: 1, active: 0, delayed: 0, workers: 0, oldest_due_age_ms: 0 },
    ...Object.fromEntries(
      ["replicate", "runway", "webhooks", "maintenance"].map((name) => [
        name,
        { waiting: 0, active: 0, delayed: 0, workers: 0, oldest_due_age_ms: 0 },
      ]),
    ),
  });
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const workers = [1, 2].map(() => new Worker("runway", async () => {}, { connection, prefix: queuePrefix("runway") }));
  const runway = async () => (await read()).queues["runway"]?.workers;
  await until("two workers", async () => (await runway()) === 2);
  expect((await read()).queues["fal"]?.workers).toBe(0);
  await workers[0]?.close();
  await until("one worker", async () => (await runway()) === 1);
  await workers[1]?.close();
  connection.disconnect();
});

test("GET /diagnostics: shows the worker processes that are alive, and what they run", async () => {
  const { workers, leases } = api.deps.store;
  const startedAt = api.clock.now();
  const figures = { host: "a-host", version: "1.2.3", startedAt, queues: ["fal"], inFlight: 7 };
  await workers.tell("alive", figures);
  await workers.tell("sharded", { ...figures, startedAt: startedAt - 1, shards: ["fal", "fal.1"] });
  await workers.tell("dead", figures);
  await workers.tell("gone", figures);
  for (const id of ["alive", "sharded", "dead"]) await leases.holder(id).beat();
  await api.redis.zadd(api.deps.store.keys.leases(), 0, "dead");
  onTestFinished(() => void api.redis.del(api.deps.store.keys.leases()));
  const common = { host: "a-host", version: "1.2.3", queues: ["fal"], in_flight: 7 };
  expect((await read()).workers).toEqual([
    { id: "sharded", ...common, started_at: new Date(startedAt - 1).toISOString(), shards: ["fal", "fal.1"] },
    { id: "alive", ...common, started_at: new Date(startedAt).toISOString() },
  ]);
});

test("GET /diagnostics: says when the server accepts nothing", async () => {
  const { gate } = api.deps;
  api.deps.gate = { ...gate, whyClosed: () => NEARLY_FULL };
  expect((await read()).accepting).toBe(false);
  api.deps.gate = gate;
  expect((await read()).accepting).toBe(true);
  draining.abort();
  expect((await read()).accepting).toBe(false);
});
