import { PROVIDERS, SECRET_NAMES } from "@visgate/providers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NEVER_LATE, PROMPT_TEXT, pendingRecord } from "../../../../tests/support/records.js";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import { createStore } from "../store/store.js";
import { createLogger } from "./log.js";

/** The text that `write` logs. */
function logged(write: (log: ReturnType<typeof createLogger>) => void, level = "info"): string {
  const lines: string[] = [];
  write(
    createLogger({
      level,
      service: "test",
      secretNames: SECRET_NAMES,
      destination: { write: (line: string) => void lines.push(line) },
    }),
  );
  return lines.join("");
}
const SECRET = "vg-super-secret-value";

describe("a log line", () => {
  test("is JSON with service, time, level and the given fields", () => {
    const line = JSON.parse(logged((log) => log.info({ requestId: "r1", ms: 1.5, nested: { ok: [1, "a"] } }, "step")));
    expect(line).toMatchObject({
      level: 30,
      service: "test",
      requestId: "r1",
      ms: 1.5,
      nested: { ok: [1, "a"] },
      msg: "step",
    });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test("is not written below the level", () => {
    expect(logged((log) => log.debug("x"))).toBe("");
    expect(logged((log) => log.error("x"), "silent")).toBe("");
  });

  test("takes values that JSON cannot express", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const text = logged((log) => {
      log.info(
        { loop, big: 1n, nothing: undefined, date: new Date(0), bytes: Buffer.from(SECRET), fn: () => 1 },
        "odd",
      );
    });
    expect(JSON.parse(text)).toMatchObject({ msg: "odd", date: "1970-01-01T00:00:00.000Z" });
    expect(text).not.toContain(SECRET);
  });
});

const FIELDS = [
  ...PROVIDERS.flatMap(({ manifest: { keyVariable, callerKeyHeader } }) => [
    keyVariable,
    ...(callerKeyHeader === null ? [] : [callerKeyHeader, callerKeyHeader.toLowerCase()]),
  ]),
  "authorization",
  "Authorization",
  "AUTHORIZATION",
  "cookie",
  "apiKey",
  "api_key",
  "API-Key",
  "providerKey",
  "encryptedProviderKey",
  "providerKeys",
  "callerKey",
  "callerKeys",
  "encrypted",
  "VISGATE_SECRET",
  "VISGATE_API_KEY",
  "password",
  "secret",
  "secrets",
  "previousSecret",
  "token",
  "signature",
  "prompt",
  "Prompt",
  "negative_prompt",
  "image_url",
  "imageUrl",
  "dataUri",
];

describe("a secret field is redacted at any depth", () => {
  test.each(FIELDS)("%s", (field) => {
    const deep = `${'{"x":'.repeat(30)}{"${field}":"${SECRET}"}${"}".repeat(30)}`;
    const values = [
      { [field]: SECRET },
      { request: { [field]: SECRET } },
      { a: { b: { c: { [field]: SECRET } } } },
      { all: [{ ok: 1 }, { [field]: SECRET }] },
      { request: { headers: { [field]: `Bearer ${SECRET}`, accept: "x" } } },
      { [field]: { value: SECRET, more: [SECRET] } },
      { thing: { toJSON: () => ({ [field]: SECRET }) } },
      JSON.parse(deep),
    ];
    for (const value of values) {
      const text = logged((log) => log.info({ ...value, beside: "kept" }, "line"));
      expect(text).not.toContain(SECRET);
      expect(JSON.parse(text).beside).toBe("kept");
    }
  });
});

describe("an error", () => {
  test("keeps type, message, code, stack and causes", () => {
    const cause = Object.assign(new Error("inner"), { code: "ECONNREFUSED" });
    const line = JSON.parse(logged((log) => log.error({ err: new TypeError("outer", { cause }) }, "broke")));
    expect(line.err).toMatchObject({
      type: "TypeError",
      message: "outer",
      cause: { message: "inner", code: "ECONNREFUSED" },
    });
    expect(line.err.stack).toContain("log.test");
  });

  test("shows no other field that a library attached, at any depth", () => {
    const error = Object.assign(new Error("outer", { cause: Object.assign(new Error("inner"), { config: SECRET }) }), {
      request: { headers: { authorization: SECRET } },
      args: [SECRET],
    });
    const text = logged((log) => {
      log.error({ err: error });
      log.error(error, "alone");
      log.error({ reasons: [error], nested: { error } });
    });
    expect(text).toContain("outer");
    expect(text).not.toContain(SECRET);
  });
});

describe("a URL", () => {
  const PASSWORD = "pass-word-1";
  const SIGNATURE = "signature-1";

  test.each([
    { url: `https://user:${PASSWORD}@example.com/a.mp4`, shown: "https://[redacted]@example.com/a.mp4" },
    { url: `https://${PASSWORD}@example.com:8443/a`, shown: "https://[redacted]@example.com:8443/a" },
    { url: `https://:${PASSWORD}@example.com`, shown: "https://[redacted]@example.com/" },
    { url: `https://a@b:${PASSWORD}@example.com/a`, shown: "https://[redacted]@example.com/a" },
    { url: `https://user:${PASSWORD}'<>@example.com/a`, shown: "https://[redacted]@example.com/a" },
    { url: `https:\\\\user:${PASSWORD}@example.com`, shown: "https://[redacted]@example.com/" },
    { url: `https:/user:${PASSWORD}@example.com`, shown: "https://[redacted]@example.com/" },
    { url: `https://user:a/${PASSWORD}@example.com/a`, shown: "[redacted]" },
    { url: `https://user:a#${PASSWORD}@example.com/a`, shown: "[redacted]" },
    { url: `HTTPS://example.com/a?signature=${SIGNATURE}`, shown: "https://example.com/a?[redacted]" },
    { url: `https://example.com/a?X-Amz-Signature=${SIGNATURE}&b=1#c`, shown: "https://example.com/a?[redacted]" },
    { url: `https://example.com/a#token=${SIGNATURE}`, shown: "https://example.com/a?[redacted]" },
    {
      url: `rediss://default:${PASSWORD}@redis.example.com:6380/1`,
      shown: "rediss://[redacted]@redis.example.com:6380/1",
    },
    { url: `redis://:${PASSWORD}/x@redis:6379`, shown: "[redacted]" },
    { url: "https://example.com/a/b.mp4", shown: "https://example.com/a/b.mp4" },
    { url: "http://127.0.0.1:8787/@user/x", shown: "http://127.0.0.1:8787/@user/x" },
  ])("$url loses its secrets in fields, messages and errors, and is logged as $shown", ({ url, shown }) => {
    const error = new TypeError(`Failed to parse URL from ${url}`, { cause: new Error(`(${url})`) });
    const writes = [
      (log: ReturnType<typeof createLogger>) => log.warn({ url }, "line"),
      (log: ReturnType<typeof createLogger>) =>
        log.warn({ output: { urls: ["x", { at: `see ${url} there` }] } }, "line"),
      (log: ReturnType<typeof createLogger>) => log.warn(`a line about ${url}`),
      (log: ReturnType<typeof createLogger>) => log.warn("a line about %s", url),
      (log: ReturnType<typeof createLogger>) => log.warn({ a: 1 }, "a line about %s", url),
      (log: ReturnType<typeof createLogger>) => log.error(error),
      (log: ReturnType<typeof createLogger>) => log.error({ err: error }),
      (log: ReturnType<typeof createLogger>) => log.error({ err: error }, "failed"),
      (log: ReturnType<typeof createLogger>) => log.error({ fault: JSON.stringify({ url, next: "kept" }) }, "line"),
    ];
    for (const write of writes) {
      const text = logged(write);
      expect(() => JSON.parse(text)).not.toThrow();
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(SIGNATURE);
      expect(text).toContain(shown);
    }
  });

  test("is found more than once in a text, and the text around it stays", () => {
    const text = logged((log) =>
      log.info({ fault: "from https://a:b@x.example/1 to (https://y.example/2?z) failed" }, "m"),
    );
    const { fault } = JSON.parse(text);
    expect(fault).toBe("from https://[redacted]@x.example/1 to (https://y.example/2?[redacted] failed");
  });

  test("of a source file stays readable in a stack", () => {
    expect(JSON.parse(logged((log) => log.error(new Error("x")))).err.stack).toMatch(/log\.test\.ts:\d+:\d+/);
  });
});

describe("errors of the store", () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test("do not write the record to the log", async () => {
    const store = createStore({ redis, clock: createTestClock() });
    const record = pendingRecord();
    await redis.set(store.keys.openRequests(record.organization), "of a wrong type");
    const command = { record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: SECRET };
    const error: unknown = await store.requests.accept(command).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const text = logged((log) => log.error({ err: error }, "unexpected error"));
    expect(text).toContain("WRONGTYPE");
    expect(text).not.toContain(PROMPT_TEXT);
    expect(text).not.toContain(SECRET);
  });
});
