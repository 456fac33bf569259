import { errorBody } from "@visgate/shared/contract";
import { NEARLY_FULL, registerDefaultOrganization } from "@visgate/shared/store";
import { beforeAll, describe, expect, test } from "vitest";
import { ASYNC, BASE, KEY, startTestApi, type TestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";

const LIMIT_MS = 10_000;
let known: string;
const draining = new AbortController();
const { server, api } = useTestApi({ deps: { draining: draining.signal } });
beforeAll(async () => {
  known = await api.submit();
});

/** Every call that needs Redis. */
const CALLS = [
  { what: "async submit", call: () => api.generate(VEO, ASYNC) },
  { what: "sync submit", call: () => api.generate(VEO) },
  { what: "submit with a key", call: () => api.generate(VEO, { ...ASYNC, "idempotency-key": "k" }) },
  { what: "status", call: () => api.call("GET", `/requests/${known}`) },
  { what: "a wait", call: () => api.call("GET", `/requests/${known}?wait=60`) },
  { what: "a time line", call: () => api.call("GET", `/requests/${known}?include=timeline`) },
  { what: "a stream", call: () => api.call("GET", `/requests/${known}/events`) },
  { what: "the list", call: () => api.call("GET", "/requests") },
  { what: "the feed", call: () => api.call("GET", "/events?wait=60") },
  { what: "deletion", call: () => api.call("DELETE", `/requests/${known}`) },
  { what: "cancel", call: () => api.call("POST", `/requests/${known}/cancel`) },
  { what: "diagnostics", call: () => api.call("GET", "/diagnostics") },
  { what: "a key not seen before", call: () => api.call("GET", "/auth/me", { key: "vg-a-key-nobody-knows" }) },
] as const;

async function expectUnavailable(call: () => ReturnType<TestApi["call"]>): Promise<void> {
  const { status, headers, body, ms } = await call();
  expect([status, body.error]).toEqual([503, "UNAVAILABLE"]);
  expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect(headers.get("x-request-id")).toBeTruthy();
  expect(() => errorBody.parse(body)).not.toThrow();
  expect(JSON.stringify(body)).not.toMatch(/redis|ECONN|127\.0\.0\.1|stream/i);
  expect(ms).toBeLessThan(LIMIT_MS);
}

async function expectStillServed(): Promise<void> {
  const models = await api.call("GET", "/models", { key: null });
  expect([models.status, models.body.models.length > 0]).toEqual([200, true]);
  expect(models.ms).toBeLessThan(LIMIT_MS);
  const health = await api.call("GET", "/health", { key: null });
  expect(health.status).toBe(503);
  expect(health.body).toMatchObject({ status: "degraded", database: "unavailable", cache: "unavailable" });
  expect(health.body.reason).toMatch(/^Redis .*\./);
  expect(health.ms).toBeLessThan(LIMIT_MS);
  expect((await api.call("GET", "/docs", { key: null })).status).toBe(200);
}

async function expectBack(outage: string): Promise<void> {
  const answer = await until("the API to accept again", async () => {
    const attempt = await api.generate(VEO, { ...ASYNC, "idempotency-key": `after it was ${outage}` });
    return attempt.status === 202 && attempt;
  });
  expect((await api.call("GET", `/requests/${answer.body.id}`)).body.status).toBe("pending");
  expect((await api.call("GET", `/requests/${known}`)).status).toBe(200);
  // Without its connection for Pub/Sub, the API answers a wait at once. That connection comes back by itself, too.
  await until("waits to be held", async () => (await api.call("GET", `/requests/${answer.body.id}?wait=1`)).ms > 900);
  const waiting = api.call("GET", `/requests/${answer.body.id}?wait=20`);
  await api.complete(answer.body.id);
  expect((await waiting).body.status).toBe("completed");
  await until("health", async () => (await api.call("GET", "/health", { key: null })).status === 200);
}

/** The API remembers a key for five seconds. An outage must look the same with a remembered key. */
const rememberKey = () => api.call("GET", "/auth/me");

describe("Redis is down", () => {
  beforeAll(async () => {
    await rememberKey();
    await server.takeDown();
    await until("the API to notice", async () => (await api.call("GET", "/health", { key: null })).status === 503);
  });

  test.each(CALLS)("$what is a 503 in time", ({ call }) => expectUnavailable(call));

  test("routes that need no Redis still work, and health reports the outage", expectStillServed);

  test("the metrics can still be read", async () => {
    const { status, body } = await api.call("GET", `${BASE}/metrics`, { key: null });
    expect(status).toBe(200);
    expect(body).toMatch(/^visgate_http_request_seconds_count\{.*status="503"\}/m);
  });

  test("everything works again after the outage, without a restart", async () => {
    await server.bringBack();
    await expectBack("down");
  });
});

describe("Redis is frozen", () => {
  beforeAll(async () => {
    await rememberKey();
    process.kill(server.pid, "SIGSTOP");
  });

  test("every call is a 503 in time, with all calls at the same time", async () => {
    await Promise.all(CALLS.map(({ call }) => expectUnavailable(call)));
  });

  test("routes that need no Redis still work, and health reports the outage", expectStillServed);

  test("everything works again when Redis continues, without a restart", async () => {
    process.kill(server.pid, "SIGCONT");
    await expectBack("frozen");
  });
});

describe("a server that must not accept more", () => {
  test("refuses submits, but nothing else, while Redis is nearly full", async () => {
    const { gate } = api.deps;
    api.deps.gate = { ...gate, whyClosed: () => NEARLY_FULL };
    const before = await api.traces();
    await expectUnavailable(() => api.generate(VEO, ASYNC));
    expect(await api.traces()).toEqual(before);
    expect((await api.call("GET", `/requests/${known}`)).status).toBe(200);
    expect((await api.call("POST", `/requests/${known}/cancel`)).status).toBe(202);
    const { status, body } = await api.call("GET", "/health", { key: null });
    expect([status, body.reason, body.database]).toEqual([503, NEARLY_FULL.message, "ok"]);
    api.deps.gate = gate;
  });

  test("answers 503, not 500, when Redis is full (maxmemory reached)", async () => {
    await api.redis.config("SET", "maxmemory", "1");
    await expectUnavailable(() => api.generate(VEO, ASYNC));
    await api.redis.config("SET", "maxmemory", "0");
    await until("the API to accept again", () => api.deps.gate.whyClosed() === null);
  });

  test("answers its waiting callers at once while it drains, and accepts what still arrives", async () => {
    await registerDefaultOrganization(api.deps.store, KEY, api.clock.now());
    const id = await api.submit();
    const held = api.call("GET", `/requests/${id}?wait=60`);
    const sync = api.generate(VEO, { "idempotency-key": "held-while-draining" });
    await until("both to be held", async () => {
      const channels = (await api.redis.pubsub("CHANNELS", "vg:{default}:ch:*")) as string[];
      return channels.length >= 2;
    });
    draining.abort();
    expect([(await held).status, (await held).body.status]).toEqual([200, "pending"]);
    expect([(await sync).status, (await sync).body.status]).toEqual([202, "pending"]);
    expect((await api.generate(VEO)).status).toBe(202);
    const health = await api.call("GET", "/health", { key: null });
    expect([health.status, health.body.status, health.body.database]).toEqual([503, "degraded", "ok"]);
    expect((await api.call("GET", `/requests/${id}`)).status).toBe(200);
  });
});

describe("a submit whose accepting script's answer is lost", () => {
  /** An API whose store loses the script's answer. `runs`: whether the script runs. */
  async function lossyApi(runs: boolean): Promise<TestApi> {
    const lossy = await startTestApi(server.url);
    const { requests } = lossy.deps.store;
    const { accept } = requests;
    requests.accept = async (command) => {
      if (runs) await accept(command);
      throw new Error("Command timed out");
    };
    return lossy;
  }

  test("is acknowledged when the request exists, because a refusal would make the caller pay twice", async () => {
    const lossy = await lossyApi(true);
    const { status, body } = await lossy.generate(VEO, ASYNC);
    expect([status, body.status]).toEqual([202, "pending"]);
    expect((await lossy.call("GET", `/requests/${body.id}`)).status).toBe(200);
    await lossy.close();
  });

  test("is a 503 that says that nothing was accepted when there is no request", async () => {
    const lossy = await lossyApi(false);
    const { status, body } = await lossy.generate(VEO, ASYNC);
    expect([status, body.error]).toEqual([503, "UNAVAILABLE"]);
    expect(body.message).toContain("Nothing was accepted");
    await lossy.close();
  });

  test("is a 503, withdrawn, and passed on to no worker, when the request cannot be read in time", async () => {
    const lossy = await lossyApi(true);
    const { outbox, keys } = lossy.deps.store;
    await lossy.redis.del(keys.outbox("fal"));
    lossy.deps.store.requests.revision = () => new Promise(() => {});
    const open = async () => (await lossy.call("GET", "/requests")).body.requests.length;
    const before = await open();
    const { status, body } = await lossy.generate({ ...VEO, prompt: "to be withdrawn" }, ASYNC);
    expect([status, body.error]).toEqual([503, "UNAVAILABLE"]);
    await Promise.all([lossy.deps.withdrawals.settled(), outbox.pushed()]);
    expect(await open()).toBe(before);
    expect(await lossy.redis.llen(keys.outbox("fal"))).toBe(0);
    await lossy.close();
  });
});

describe("a submit whose accepting script runs too late", () => {
  test("is a 503 and accepts nothing; a changed Redis clock is detected and used", async () => {
    const late = await startTestApi(server.url);
    const { requests } = late.deps.store;
    const { accept } = requests;
    requests.accept = (command) => accept({ ...command, notAfter: command.notAfter - 60_000 });
    const refused = await late.generate({ ...VEO, prompt: "too late" }, ASYNC);
    expect([refused.status, refused.body.error]).toEqual([503, "UNAVAILABLE"]);
    requests.accept = accept;
    late.deps.redisClock.correct(1);
    expect((await late.generate({ ...VEO, prompt: "in time" }, ASYNC)).status).toBe(202);
    await late.close();
  });
});
