import { type Diagnostics, VisgateError } from "@visgate_ai/client";
import { describe, expect, test } from "vitest";
import { checkClocks } from "./clocks.js";
import { checkGateway, keyFault, unreachable } from "./gateway.js";
import { checkProviders } from "./providers.js";
import { checkAccepting, checkRedis } from "./redis.js";
import { checkWorkers } from "./workers.js";

const T = Date.parse("2026-01-02T03:04:05.000Z");
const queue = { waiting: 1, active: 2, delayed: 3, workers: 1 };
const GOOD: Diagnostics = {
  ...{ version: "0.1.0", time: new Date(T).toISOString(), accepting: true },
  redis: {
    ...{ version: "7.4.0", safe: true, message: "A 202 means: on disk.", clockAheadMs: 3 },
    settings: { appendOnly: "yes", appendFsync: "always", evictionPolicy: "noeviction" },
  },
  queues: { fal: queue, webhooks: queue, maintenance: queue },
  providers: [{ provider: "fal", configured: true, simulated: false }],
};
const withRedis = (redis: Partial<Diagnostics["redis"]>) => ({ ...GOOD, redis: { ...GOOD.redis, ...redis } });

describe("the gateway", () => {
  const health = { status: "ok", version: "0.1.9", database: "ok", cache: "ok", queues: {} } as const;
  const answered = { base: "http://127.0.0.1:8787/api/v1", health, ms: 3, ownVersion: "0.1.0" };

  test("of the same minor version is well", () => {
    expect(checkGateway(answered)).toMatchObject([{ level: "ok", message: expect.stringContaining("3 ms") }]);
  });
  test("of another one is told", () => {
    expect(checkGateway({ ...answered, ownVersion: "0.2.0" })).toMatchObject([{ level: "warning" }]);
  });
  test.each([
    { base: "http://gateway.example.com/api/v1", levels: ["ok", "warning"] },
    { base: "https://gateway.example.com/api/v1", levels: ["ok"] },
    { base: "http://[::1]:8787/api/v1", levels: ["ok"] },
    { base: "http://127.example.com/api/v1", levels: ["ok", "warning"] },
  ])("at $base: $levels", ({ base, levels }) => {
    expect(checkGateway({ ...answered, base }).map(({ level }) => level)).toEqual(levels);
  });
  test("that is none is told with its code", () => {
    const error = new VisgateError({ errorCode: "UNEXPECTED_ANSWER", message: "Not ours." });
    expect(unreachable("http://x/api/v1", error)).toMatchObject({
      level: "fault",
      message: expect.stringMatching(/UNEXPECTED_ANSWER/),
    });
    expect(keyFault(error)).toMatchObject({ level: "fault", message: expect.stringMatching(/UNEXPECTED_ANSWER/) });
  });
});

describe("Redis", () => {
  test.each([
    { what: "as it should be", redis: {}, level: "ok" },
    { what: "unsafe", redis: { safe: false, message: "May evict." }, level: "fault" },
    { what: "silent", redis: { settings: null, version: null }, level: "warning" },
    {
      what: "a second late",
      redis: { settings: { appendOnly: "yes", appendFsync: "everysec", evictionPolicy: "noeviction" } },
      level: "warning",
    },
  ])("$what: $level", ({ redis, level }) => expect(checkRedis(withRedis(redis)).level).toBe(level));

  test("that is full is a fault", () => {
    expect(checkAccepting(GOOD)).toEqual([]);
    expect(checkAccepting({ ...GOOD, accepting: false })).toMatchObject([{ level: "fault" }]);
  });
});

describe("workers", () => {
  test("are counted, and the jobs of requests", () => {
    expect(checkWorkers(GOOD)).toMatchObject({
      level: "ok",
      message: expect.stringContaining("2 jobs waiting, 4 at work"),
    });
  });
  test("that are missing at one queue are a fault that names it", () => {
    const queues = { ...GOOD.queues, webhooks: { ...queue, workers: 0 } };
    expect(checkWorkers({ ...GOOD, queues })).toMatchObject({
      level: "fault",
      message: expect.stringMatching(/^No worker takes jobs of webhooks;/),
    });
  });
  test("that Redis does not tell of are a warning", () => {
    const queues = { ...GOOD.queues, webhooks: { ...queue, workers: null } };
    expect(checkWorkers({ ...GOOD, queues }).level).toBe("warning");
  });
});

describe("providers", () => {
  const balance = {
    provider: "fal",
    configured: true,
    available: true,
    limit: null,
    remaining: null,
    currency: null,
    message: null,
  } as const;
  const levels = (more: object, diagnostics = GOOD) =>
    checkProviders([{ ...balance, ...more }], diagnostics).map(({ level }) => level);

  test.each([
    { what: "accepts its key", more: {}, expected: ["ok"] },
    { what: "has credits left", more: { remaining: 5, currency: "credits" }, expected: ["ok"] },
    { what: "has none left", more: { remaining: 0, currency: "credits" }, expected: ["warning"] },
    { what: "refuses its key", more: { available: false, message: "It refuses." }, expected: ["fault"] },
    {
      what: "has no key, nor has any other",
      more: { configured: false, available: false },
      expected: ["warning", "fault"],
    },
  ])("$what: $expected", ({ more, expected }) => expect(levels(more)).toEqual(expected));

  test("that is simulated is said to be, unless the simulator is away", () => {
    const simulated: Diagnostics = { ...GOOD, providers: [{ provider: "fal", configured: true, simulated: true }] };
    expect(checkProviders([balance], simulated)).toMatchObject([
      { level: "ok", message: expect.stringMatching(/^Simulated/) },
    ]);
    expect(levels({ available: false }, simulated)).toEqual(["fault"]);
  });
});

describe("clocks", () => {
  const level = (aheadMs: number, { tookMs = 10, redisMs = 0 as number | null } = {}) =>
    checkClocks({
      diagnostics: withRedis({ clockAheadMs: redisMs }),
      askedAt: T - aheadMs - tookMs / 2,
      answeredAt: T - aheadMs + tookMs / 2,
    }).level;

  test.each([
    { ahead: 0, is: "ok" },
    { ahead: -4000, is: "ok" },
    { ahead: 6000, is: "warning" },
    { ahead: -6000, is: "warning" },
    { ahead: 301_000, is: "fault" },
    { ahead: -301_000, is: "fault" },
  ])("$ahead ms apart: $is", ({ ahead, is }) => expect(level(ahead)).toBe(is));

  test("what a slow call leaves open is not held against them", () => {
    expect(level(6000, { tookMs: 4000 })).toBe("ok");
    expect(level(9000, { tookMs: 4000 })).toBe("warning");
  });
  test("Redis's counts too", () => {
    expect(level(0, { redisMs: -6000 })).toBe("warning");
    expect(level(0, { redisMs: null })).toBe("ok");
  });
});
