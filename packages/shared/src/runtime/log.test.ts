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
  "VISGATE_SECRET",
  "VISGATE_API_KEY",
  "password",
  "secret",
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
