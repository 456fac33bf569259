import { beforeEach, describe, expect, test } from "vitest";
import { BASE, KEY, OTHER_KEY, startTestApi, useTestApi } from "../../../tests/support/api.js";
import { createTestClock } from "../../../tests/support/signals.js";
import { createWrongKeys, MAX_ADDRESSES } from "./http/wrong-keys.js";

const ALLOWED = 20;
const WINDOW_MS = 60_000;
/** The test API trusts one proxy. */
const delays: number[] = [];
const { server, api } = useTestApi({
  deps: {
    sleep: async (ms) => {
      delays.push(ms);
    },
  },
});
beforeEach(() => {
  delays.length = 0;
});
const call = (key: string, address: string) =>
  api.call("GET", "/auth/me", { key, headers: { "x-forwarded-for": address } });
let wrong = 0;
const wrongKey = () => `vg-wrong-key-number-${wrong++}`;
const statuses = async (count: number, address: string) =>
  Promise.all(Array.from({ length: count }, async () => (await call(wrongKey(), address)).status));

describe("wrong API keys from one address", () => {
  test("after the first 20 in a minute: 429, a second later, and how long to wait", async () => {
    expect(new Set(await statuses(ALLOWED, "203.0.113.1"))).toEqual(new Set([401]));
    expect(delays).toEqual([]);
    const { status, headers, body } = await call(wrongKey(), "203.0.113.1");
    expect(delays).toEqual([1000]);
    expect([status, body.error, headers.get("retry-after")]).toEqual([429, "RATE_LIMIT_ERROR", "60"]);
    expect(body.details).toEqual({ retry_after_seconds: 60 });
    api.clock.advance(WINDOW_MS);
    expect((await call(wrongKey(), "203.0.113.1")).status).toBe(401);
  });

  test("never slow right keys beside them, known or new", async () => {
    await statuses(ALLOWED + 10, "203.0.113.2");
    delays.length = 0;
    api.clock.advance(5001); // what the API remembers of right keys has ended
    for (const key of [KEY, OTHER_KEY]) expect((await call(key, "203.0.113.2")).status).toBe(200);
    expect(delays).toEqual([]);
    expect((await call(wrongKey(), "203.0.113.2")).status).toBe(429);
  });

  test("never slow wrong keys from other addresses", async () => {
    await statuses(ALLOWED + 1, "203.0.113.3");
    expect((await call(wrongKey(), "203.0.113.4")).status).toBe(401);
  });

  test("count only keys: a call without one stays a 401", async () => {
    await statuses(ALLOWED + 1, "203.0.113.5");
    const headers = { "x-forwarded-for": "203.0.113.5" };
    for (const authorization of [undefined, "", "Bearer", "Basic dXNlcjpwdw=="]) {
      const given = authorization === undefined ? headers : { ...headers, authorization };
      expect((await api.call("GET", "/auth/me", { key: null, headers: given })).status).toBe(401);
    }
    expect((await api.call("GET", "/models", { key: wrongKey(), headers })).status).toBe(200);
  });
});

describe("the address", () => {
  test("is that of an IPv6 network, whatever the rest of the address", async () => {
    for (let last = 0; last < ALLOWED; last += 1) await call(wrongKey(), `2001:db8:1:2::${last.toString(16)}`);
    expect((await call(wrongKey(), "2001:db8:1:2:ffff::1")).status).toBe(429);
    expect((await call(wrongKey(), "2001:db8:1:3::1")).status).toBe(401);
  });

  test("is the same in IPv6 notation", async () => {
    await statuses(ALLOWED, "203.0.113.6");
    expect((await call(wrongKey(), "::ffff:203.0.113.6")).status).toBe(429);
  });

  test("is what the trusted proxy appended, and not what the caller wrote before it", async () => {
    for (let forged = 0; forged < ALLOWED; forged += 1) await call(wrongKey(), `198.51.100.${forged}, 203.0.113.7`);
    expect((await call(wrongKey(), "198.51.100.200, 203.0.113.7")).status).toBe(429);
    expect((await call(wrongKey(), "203.0.113.7, 203.0.113.8")).status).toBe(401);
  });

  test("is that of the connection when no proxy is trusted", async () => {
    const direct = await startTestApi(server.url, { settings: { trustedProxies: 0 } });
    const ask = (address: string) =>
      direct.call("GET", `${BASE}/api/v1/auth/me`, { key: wrongKey(), headers: { "x-forwarded-for": address } });
    for (let forged = 0; forged < ALLOWED; forged += 1) await ask(`198.51.100.${forged}`);
    expect((await ask("198.51.100.200")).status).toBe(429);
    await direct.close();
  });
});

test("what is remembered is bounded", () => {
  const wrongKeys = createWrongKeys(createTestClock(Date.now()));
  for (let at = 0; at < 2 * MAX_ADDRESSES; at += 1) wrongKeys.count(`address-${at}`);
  expect(wrongKeys.size()).toBe(MAX_ADDRESSES);
});
