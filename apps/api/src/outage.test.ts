import { errorBody } from "@visgate/shared/contract";
import { registerDefaultOrganization } from "@visgate/shared/store";
import { beforeAll, describe, expect, test } from "vitest";
import { ASYNC, BASE, KEY, startTestApi, type TestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";

const LIMIT_MS = 2500;
let known: string;
const draining = new AbortController();
let pressure = false;
const { server, api } = useTestApi({
  deps: { isUnderPressure: () => pressure, draining: draining.signal },
});
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
  const waiting = api.call("GET", `/requests/${answer.body.id}?wait=20`);
  await api.complete(answer.body.id);
  expect((await waiting).body.status).toBe("completed");
  await until("health", async () => (await api.call("GET", "/health", { key: null })).status === 200);
}

/** The API remembers a key for five seconds; that must not change what an outage looks like. */
const rememberKey = () => api.call("GET", "/auth/me");

describe("Redis is down", () => {
  beforeAll(async () => {
    await rememberKey();
    await server.takeDown();
    await until("the API to notice", async () => (await api.call("GET", "/health", { key: null })).status === 503);
  });

  test.each(CALLS)("$what is a 503 within 2.5 s", ({ call }) => expectUnavailable(call));

  test("what needs no Redis is still served, and health says so", expectStillServed);

  test("the metrics can still be read: they matter most now", async () => {
    const { status, body } = await api.call("GET", `${BASE}/metrics`, { key: null });
    expect(status).toBe(200);
    expect(body).toMatch(/^visgate_http_request_seconds_count\{.*status="503"\}/m);
  });

  test("when it is back, everything works again without a restart", async () => {
    await server.bringBack();
    await expectBack("down");
  });
});

describe("Redis is frozen", () => {
  beforeAll(async () => {
    await rememberKey();
    process.kill(server.pid, "SIGSTOP");
  });

  test("every call is a 503 within 2.5 s, all at once", async () => {
    await Promise.all(CALLS.map(({ call }) => expectUnavailable(call)));
  });

  test("what needs no Redis is still served, and health says so", expectStillServed);

  test("when it thaws, everything works again without a restart", async () => {
    process.kill(server.pid, "SIGCONT");
    await expectBack("frozen");
  });
});

describe("a server that must not take more", () => {
  test("a nearly full Redis refuses submits, and only those", async () => {
    pressure = true;
    const before = await api.traces();
    await expectUnavailable(() => api.generate(VEO, ASYNC));
    expect(await api.traces()).toEqual(before);
    expect((await api.call("GET", `/requests/${known}`)).status).toBe(200);
    expect((await api.call("POST", `/requests/${known}/cancel`)).status).toBe(202);
    pressure = false;
  });

  test("a full Redis (maxmemory reached) is a 503, not a 500", async () => {
    await api.redis.config("SET", "maxmemory", "1");
    await expectUnavailable(() => api.generate(VEO, ASYNC));
    await api.redis.config("SET", "maxmemory", "0");
  });

  test("a server that drains lets its waiting callers go, and refuses new submits", async () => {
    await registerDefaultOrganization(api.deps.store.apiKeys, KEY);
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
    await expectUnavailable(() => api.generate(VEO, ASYNC));
    const health = await api.call("GET", "/health", { key: null });
    expect([health.status, health.body.status, health.body.database]).toEqual([503, "degraded", "ok"]);
    expect((await api.call("GET", `/requests/${id}`)).status).toBe(200);
  });
});

describe("when the answer of the accepting script is lost", () => {
  /** An API whose store runs the script, or not, and then loses the answer. */
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

  test("a request that is there all the same is acknowledged: refusing it would make the caller pay twice", async () => {
    const lossy = await lossyApi(true);
    const { status, body } = await lossy.generate(VEO, ASYNC);
    expect([status, body.status]).toEqual([202, "pending"]);
    expect((await lossy.call("GET", `/requests/${body.id}`)).status).toBe(200);
    await lossy.close();
  });

  test("without a record, the answer is a 503 that says that nothing was accepted", async () => {
    const lossy = await lossyApi(false);
    const { status, body } = await lossy.generate(VEO, ASYNC);
    expect([status, body.error]).toEqual([503, "UNAVAILABLE"]);
    expect(body.message).toContain("Nothing was accepted");
    await lossy.close();
  });

  test("when the record cannot be read in time, the answer is a 503 and the request is withdrawn", async () => {
    const lossy = await lossyApi(true);
    lossy.deps.store.requests.revision = () => new Promise(() => {});
    const open = async () => (await lossy.call("GET", "/requests")).body.requests.length;
    const before = await open();
    const { status, body } = await lossy.generate({ ...VEO, prompt: "to be withdrawn" }, ASYNC);
    expect([status, body.error]).toEqual([503, "UNAVAILABLE"]);
    await lossy.deps.withdrawals.settled();
    expect(await open()).toBe(before);
    await lossy.close();
  });
});

describe("an accept that Redis runs later than its caller waits", () => {
  test("accepts nothing and is a 503; a changed Redis clock is detected and used", async () => {
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
