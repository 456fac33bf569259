/** `visgate doctor` at a whole stack, and at one that loses its parts one after another. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startFaultProxy } from "../support/fault-proxy.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type CliEnv, linesOf, runCli } from "./support/cli.js";

let test: TestStack;
let env: CliEnv;
let redis: Redis;
beforeAll(async () => {
  test = await startTestStack();
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
  redis = new Redis(test.stack.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await test.stop();
});

interface Found {
  code: number | null;
  ok: boolean;
  levels: Record<string, string>;
  message(name: string): string;
}

async function examine(more: CliEnv = {}): Promise<Found> {
  const { code, stdout } = await runCli(["doctor", "--json"], { ...env, ...more });
  const { ok, checks } = JSON.parse(stdout) as {
    ok: boolean;
    checks: { name: string; level: string; message: string; advice: string | null }[];
  };
  for (const { level, advice } of checks) expect(advice === null).toBe(level === "ok");
  return {
    ...{ code, ok, levels: Object.fromEntries(checks.map(({ name, level }) => [name, level])) },
    message: (name) => checks.find((check) => check.name === name)?.message ?? "",
  };
}

const ALL = ["gateway", "key", "redis", "workers", "fal", "replicate", "runway", "clocks"];
const allOk = Object.fromEntries(ALL.map((name) => [name, "ok"]));

it("finds a whole stack well; one line each", async () => {
  const { code, stdout, stderr } = await runCli(["doctor"], env);
  expect([code, stderr]).toEqual([0, ""]);
  expect(linesOf(stdout).map((line) => line.split(/ +/).slice(0, 2))).toEqual(ALL.map((name) => ["ok", name]));
  expect(stdout).toMatch(/on disk before it was answered/);
  expect(stdout).toMatch(/fal +Simulated/);
  expect(stdout).not.toContain(test.stack.apiKey);
  expect(stdout).not.toContain(new URL(test.stack.redisUrl).password);
  expect(await examine()).toMatchObject({ code: 0, ok: true, levels: allOk });
});

it("no key, a wrong key", async () => {
  expect(await examine({ VISGATE_API_KEY: "" })).toMatchObject({ code: 1, levels: { gateway: "ok", key: "fault" } });
  const wrong = await examine({ VISGATE_API_KEY: "vg-not-a-key-of-this-one" });
  expect(wrong).toMatchObject({ code: 1, ok: false, levels: { gateway: "ok", key: "fault" } });
});

it("a Redis that may forget is a fault, one that may lose a second a warning", async () => {
  await redis.config("SET", "maxmemory-policy", "allkeys-lru");
  const evicting = await examine();
  expect(evicting).toMatchObject({ code: 1, levels: { ...allOk, redis: "fault" } });
  expect(evicting.message("redis")).toContain("noeviction");
  await redis.config("SET", "maxmemory-policy", "noeviction");
  await redis.config("SET", "appendfsync", "everysec");
  expect(await examine()).toMatchObject({ code: 0, levels: { ...allOk, redis: "warning" } });
  await redis.config("SET", "appendfsync", "always");
  expect(await examine()).toMatchObject({ code: 0, levels: allOk });
});

it("a gateway that is not there", async () => {
  await test.stack.apis[0]?.stop();
  expect(await examine()).toMatchObject({ code: 1, levels: { gateway: "fault" } });
  await test.stack.addApi(Number(new URL(test.stack.baseUrl).port));
  expect(await examine()).toMatchObject({ code: 0, levels: allOk });
});

it("no worker", async () => {
  await test.stack.workers[0]?.stop();
  const found = await examine();
  expect(found).toMatchObject({ code: 1, levels: { ...allOk, workers: "fault" } });
  expect(found.message("workers")).toContain("fal, replicate, runway, webhooks, maintenance");
  await test.stack.addWorker({ WORKER_QUEUES: "fal,webhooks,maintenance" });
  expect((await examine()).message("workers")).toContain("No worker takes jobs of replicate, runway;");
});

it("accounts that cannot be asked for hide nothing else", async () => {
  const proxy = await startFaultProxy(test.stack.baseUrl);
  onTestFinished(proxy.close);
  proxy.spoil({ method: "GET", path: "/providers/balances", kind: { answer: 502 } });
  const { levels } = await examine({ VISGATE_BASE_URL: proxy.url });
  expect(levels).toMatchObject({ redis: "ok", workers: expect.any(String), providers: "fault", clocks: "ok" });
});

it("Redis away: the gateway is there, Redis is the fault, and it is told within seconds", async () => {
  const began = performance.now();
  process.kill(test.stack.redis?.pid ?? 0, "SIGSTOP");
  try {
    expect(await examine()).toMatchObject({ code: 1, levels: { gateway: "ok", redis: "fault" } });
  } finally {
    process.kill(test.stack.redis?.pid ?? 0, "SIGCONT");
  }
  expect(performance.now() - began).toBeLessThan(6000);
  await until("the gateway to have it again", async () => (await examine()).levels["redis"] === "ok");
});

it("Redis away: visgate generate says that nothing was accepted, and once how to go on", async () => {
  process.kill(test.stack.redis?.pid ?? 0, "SIGSTOP");
  try {
    const args = ["generate", "a video that nobody accepts", "--timeout", "1", "--idempotency-key", "order-away"];
    const { code, stdout, stderr } = await runCli(args, env);
    expect([code, stdout]).toEqual([124, ""]);
    expect(stderr).toMatch(/^error CLIENT_TIMEOUT: .* the gateway has not accepted the request\..*visgate doctor.*\n$/);
    expect(stderr.split("--idempotency-key order-away")).toHaveLength(2);
    expect(stderr).not.toContain("idempotencyKey");
  } finally {
    process.kill(test.stack.redis?.pid ?? 0, "SIGCONT");
  }
  await until("the gateway to have it again", async () => (await examine()).levels["redis"] === "ok");
});
