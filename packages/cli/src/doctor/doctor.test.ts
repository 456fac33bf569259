import { type Diagnostics, VisgateError } from "@visgate_ai/client";
import { describe, expect, test } from "vitest";
import { checkAccepting, checkClocks, checkProviders, checkRedis, checkWorkers } from "./diagnostics.js";
import { checkGateway, keyFault, unreachable } from "./gateway.js";

const T = Date.parse("2026-01-02T03:04:05.000Z");
const queue = { waiting: 1, active: 2, delayed: 3, workers: 1, oldest_due_age_ms: 0 };
const GOOD: Diagnostics = {
  ...{ version: "0.1.0", time: new Date(T).toISOString(), accepting: true },
  redis: {
    ...{ version: "7.4.0", safe: true, message: "A 202 means: on disk.", clockAheadMs: 3 },
    settings: { appendOnly: "yes", appendFsync: "always", evictionPolicy: "noeviction" },
  },
  queues: { fal: queue, webhooks: queue, maintenance: queue },
  workers: [],
  providers: [{ provider: "fal", configured: true, simulated: false }],
};
const withRedis = (redis: Partial<Diagnostics["redis"]>) => ({ ...GOOD, redis: { ...GOOD.redis, ...redis } });

describe("checkGateway", () => {
  const health = { status: "ok", version: "0.1.9", database: "ok", cache: "ok", queues: {} } as const;
  const answer = { base: "http://127.0.0.1:8787/api/v1", health, ms: 3, ownVersion: "0.1.0" };

  test("is ok with the same minor version", () => {
    expect(checkGateway(answer)).toMatchObject([{ level: "ok", message: expect.stringContaining("3 ms") }]);
  });
  test("warns about another minor version", () => {
    expect(checkGateway({ ...answer, ownVersion: "0.2.0" })).toMatchObject([{ level: "warning" }]);
  });
  test.each([
    { base: "http://gateway.example.com/api/v1", levels: ["ok", "warning"] },
    { base: "https://gateway.example.com/api/v1", levels: ["ok"] },
    { base: "http://[::1]:8787/api/v1", levels: ["ok"] },
    { base: "http://127.example.com/api/v1", levels: ["ok", "warning"] },
  ])("finds $levels at $base", ({ base, levels }) => {
    expect(checkGateway({ ...answer, base }).map(({ level }) => level)).toEqual(levels);
  });
});

describe("unreachable and keyFault", () => {
  test("show the code of the error", () => {
    const error = new VisgateError({ errorCode: "UNEXPECTED_ANSWER", message: "Not ours." });
    expect(unreachable("http://x/api/v1", error)).toMatchObject({
      level: "fault",
      message: expect.stringMatching(/UNEXPECTED_ANSWER/),
    });
    expect(keyFault(error)).toMatchObject({ level: "fault", message: expect.stringMatching(/UNEXPECTED_ANSWER/) });
  });
});

describe("checkRedis", () => {
  test.each([
    { what: "safe", redis: {}, level: "ok" },
    { what: "unsafe", redis: { safe: false, message: "May evict." }, level: "fault" },
    { what: "unreadable", redis: { settings: null, version: null }, level: "warning" },
    {
      what: "appendfsync everysec",
      redis: { settings: { appendOnly: "yes", appendFsync: "everysec", evictionPolicy: "noeviction" } },
      level: "warning",
    },
  ])("finds $level when the settings are $what", ({ redis, level }) => {
    expect(checkRedis(withRedis(redis)).level).toBe(level);
  });
});

test("checkAccepting: a gateway that accepts nothing is a fault", () => {
  expect(checkAccepting(GOOD)).toEqual([]);
  expect(checkAccepting({ ...GOOD, accepting: false })).toMatchObject([{ level: "fault" }]);
});

describe("checkWorkers", () => {
  test("counts the workers and the jobs of requests", () => {
    expect(checkWorkers(GOOD)).toMatchObject({
      level: "ok",
      message: expect.stringContaining("2 jobs waiting, 4 active"),
    });
  });
  test("a queue without workers is a fault that names the queue", () => {
    const queues = { ...GOOD.queues, webhooks: { ...queue, workers: 0 } };
    expect(checkWorkers({ ...GOOD, queues })).toMatchObject({
      level: "fault",
      message: expect.stringMatching(/^No worker takes jobs of webhooks;/),
    });
  });
  test("an unknown number of workers is a warning", () => {
    const queues = { ...GOOD.queues, webhooks: { ...queue, workers: null } };
    expect(checkWorkers({ ...GOOD, queues }).level).toBe("warning");
  });
});

describe("checkProviders", () => {
  const balance = {
    provider: "fal",
    configured: true,
    available: true,
    limit: null,
    remaining: null,
    currency: null,
    message: null,
    simulated: false,
  } as const;
  const levels = (more: object, diagnostics = GOOD) =>
    checkProviders([{ ...balance, ...more }], diagnostics).map(({ level }) => level);

  test.each([
    { what: "a provider accepts its key", more: {}, expected: ["ok"] },
    { what: "a provider has credits left", more: { remaining: 5, currency: "credits" }, expected: ["ok"] },
    { what: "a provider has no credits left", more: { remaining: 0, currency: "credits" }, expected: ["warning"] },
    { what: "a provider refuses its key", more: { available: false, message: "It refuses." }, expected: ["fault"] },
    {
      what: "no provider has a key",
      more: { configured: false, available: false },
      expected: ["warning", "fault"],
    },
  ])("finds $expected when $what", ({ more, expected }) => expect(levels(more)).toEqual(expected));

  test("a simulated provider is ok and says so, unless the simulator does not answer", () => {
    const simulated: Diagnostics = { ...GOOD, providers: [{ provider: "fal", configured: true, simulated: true }] };
    expect(checkProviders([balance], simulated)).toMatchObject([
      { level: "ok", message: expect.stringMatching(/^Simulated/) },
    ]);
    expect(levels({ available: false }, simulated)).toEqual(["fault"]);
  });
});

describe("checkClocks", () => {
  const level = (aheadMs: number, { tookMs = 10, redisMs = 0 as number | null } = {}) =>
    checkClocks({
      diagnostics: withRedis({ clockAheadMs: redisMs }),
      askedAt: T - aheadMs - tookMs / 2,
      answeredAt: T - aheadMs + tookMs / 2,
    }).level;

  test.each([
    { ahead: 0, expected: "ok" },
    { ahead: -4000, expected: "ok" },
    { ahead: 6000, expected: "warning" },
    { ahead: -6000, expected: "warning" },
    { ahead: 301_000, expected: "fault" },
    { ahead: -301_000, expected: "fault" },
  ])("finds $expected when the gateway is $ahead ms ahead", ({ ahead, expected }) => {
    expect(level(ahead)).toBe(expected);
  });

  test("subtracts what a slow call leaves uncertain", () => {
    expect(level(6000, { tookMs: 4000 })).toBe("ok");
    expect(level(9000, { tookMs: 4000 })).toBe("warning");
  });
  test("includes the clock of Redis", () => {
    expect(level(0, { redisMs: -6000 })).toBe("warning");
    expect(level(0, { redisMs: null })).toBe("ok");
  });
});
