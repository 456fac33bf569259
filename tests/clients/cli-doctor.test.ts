/** `visgate doctor` with a complete stack, and while its parts are stopped one after another. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startFaultProxy } from "../support/fault-proxy.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type CliEnv, linesOf, runCli } from "./support/cli.js";

/** A command of the gateway gives up after 2 s. Without that limit, doctor would wait for Redis for ever. */
const SOON_MS = 20_000;

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

const ALL = ["gateway", "key", "redis", "workers", ...PROVIDER_NAMES, "clocks"];
const allOk = Object.fromEntries(ALL.map((name) => [name, "ok"]));

it("doctor: prints one ok line per check when the whole stack runs", async () => {
  const { code, stdout, stderr } = await runCli(["doctor"], env);
  expect([code, stderr]).toEqual([0, ""]);
  expect(linesOf(stdout).map((line) => line.split(/ +/).slice(0, 2))).toEqual(ALL.map((name) => ["ok", name]));
  expect(stdout).toMatch(/on disk before it was answered/);
  expect(stdout).toMatch(/fal +Simulated/);
  expect(stdout).not.toContain(test.stack.apiKey);
  expect(stdout).not.toContain(new URL(test.stack.redisUrl).password);
  expect(await examine()).toMatchObject({ code: 0, ok: true, levels: allOk });
});

it("doctor: a missing or wrong API key is a fault, and ends the checks", async () => {
  expect(await examine({ VISGATE_API_KEY: "" })).toMatchObject({ code: 1, levels: { gateway: "ok", key: "fault" } });
  const wrong = await examine({ VISGATE_API_KEY: "vg-not-a-key-of-this-one" });
  expect(wrong).toMatchObject({ code: 1, ok: false, levels: { gateway: "ok", key: "fault" } });
});

it("doctor: a fault when Redis may evict keys, a warning when it may lose the last second of writes", async () => {
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

it("doctor: a gateway that does not answer is a fault", async () => {
  await test.stack.apis[0]?.stop();
  expect(await examine()).toMatchObject({ code: 1, levels: { gateway: "fault" } });
  await test.stack.addApi(Number(new URL(test.stack.baseUrl).port));
  expect(await examine()).toMatchObject({ code: 0, levels: allOk });
});

it("doctor: names the queues that have no worker", async () => {
  await test.stack.workers[0]?.stop();
  const found = await examine();
  expect(found).toMatchObject({ code: 1, levels: { ...allOk, workers: "fault" } });
  expect(found.message("workers")).toContain(`${PROVIDER_NAMES.join(", ")}, webhooks, maintenance`);
  const [first, ...others] = PROVIDER_NAMES;
  await test.stack.addWorker({ WORKER_QUEUES: `${first},webhooks,maintenance` });
  expect((await examine()).message("workers")).toContain(`No worker takes jobs of ${others.join(", ")};`);
});

it("doctor: still runs the other checks when the provider accounts cannot be checked", async () => {
  const proxy = await startFaultProxy(test.stack.baseUrl);
  onTestFinished(proxy.close);
  proxy.inject({ method: "GET", path: "/providers/balances", kind: { answer: 502 } });
  const { levels } = await examine({ VISGATE_BASE_URL: proxy.url });
  expect(levels).toMatchObject({ redis: "ok", workers: expect.any(String), providers: "fault", clocks: "ok" });
});

it("doctor: reports within seconds that Redis hangs, while the gateway is ok", async () => {
  const began = performance.now();
  process.kill(test.stack.redis?.pid ?? 0, "SIGSTOP");
  try {
    expect(await examine()).toMatchObject({ code: 1, levels: { gateway: "ok", redis: "fault" } });
  } finally {
    process.kill(test.stack.redis?.pid ?? 0, "SIGCONT");
  }
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  await until("the gateway to reach Redis again", async () => (await examine()).levels["redis"] === "ok");
});

it("generate: says that the request was not confirmed when Redis hangs, and once how to repeat it", async () => {
  process.kill(test.stack.redis?.pid ?? 0, "SIGSTOP");
  try {
    const args = ["generate", "a video that is not accepted", "--timeout", "1", "--idempotency-key", "order-away"];
    const { code, stdout, stderr } = await runCli(args, env);
    expect([code, stdout]).toEqual([124, ""]);
    expect(stderr).toMatch(/^error CLIENT_TIMEOUT: .* before the gateway confirmed the request\..*visgate doctor.*\n$/);
    expect(stderr.split("--idempotency-key order-away")).toHaveLength(2);
    expect(stderr).not.toContain("idempotencyKey");
  } finally {
    process.kill(test.stack.redis?.pid ?? 0, "SIGCONT");
  }
  await until("the gateway to reach Redis again", async () => (await examine()).levels["redis"] === "ok");
});
