/** Limits of generations a minute, of keys and organizations, on a real Redis and over two APIs. */
import { newOrganization } from "@visgate/shared/organization";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ADMIN_KEY,
  type ApiAnswer,
  ASYNC,
  startTestApi,
  type TestApi,
  useTestApi,
  VEO,
} from "../../../tests/support/api.js";
import { apiKeyOf } from "../../../tests/support/records.js";
import { until } from "../../../tests/support/until.js";

const { api, server } = useTestApi();
let second: TestApi;
beforeAll(async () => {
  second = await startTestApi(server.url);
});
afterAll(() => second.close());

interface Limits {
  organization?: number | null;
  key?: number | null;
  maxOpen?: number | null;
}

let count = 0;
/** An organization of its own, with one key. */
async function limited({ organization = null, key = null, maxOpen = null }: Limits) {
  const id = `org-${++count}`;
  const created = newOrganization(id, id, api.clock.now());
  const limits = { ...created.limits, requestsPerMinute: organization, maxOpen };
  await api.deps.store.organizations.create({ ...created, limits }, null);
  const addKey = async (requestsPerMinute: number | null) => {
    const secret = `vg-key-${++count}`;
    await api.deps.store.apiKeys.save(apiKeyOf({ id: secret, organization: id, requestsPerMinute }, secret), null);
    return secret;
  };
  return { id, addKey, key: await addKey(key) };
}

const submit = (key: string, headers: object = {}, on: TestApi = api, body: object = VEO) =>
  on.call("POST", "/videos/generate", { body, key, headers: { ...ASYNC, ...headers } });
const submits = (times: number, key: string, on: TestApi = api) =>
  Promise.all(Array.from({ length: times }, () => submit(key, {}, on)));
const accepted = (answers: ApiAnswer[]) => answers.filter(({ status }) => status === 202).length;
const rates = ({ headers }: ApiAnswer) => [headers.get("ratelimit-policy"), headers.get("ratelimit")];
const stored = (organization: string) => api.redis.zcard(`vg:{${organization}}:requests`);
/** Lets the window of a limit end now. */
async function endWindow(counter: string): Promise<void> {
  await api.redis.pexpire(counter, 1);
  await until("the window to end", async () => (await api.redis.exists(counter)) === 0);
}

describe("the limit of an organization", () => {
  test("100 concurrent calls, with several keys, at two APIs: exactly as many as the limit are accepted", async () => {
    const { id, key, addKey } = await limited({ organization: 30 });
    const other = await addKey(null);
    const answers = await Promise.all([
      ...[submits(30, key), submits(20, key, second)],
      ...[submits(20, other), submits(30, other, second)],
    ]);
    expect(accepted(answers.flat())).toBe(30);
    expect(await stored(id)).toBe(30);
    expect(new Set(answers.flat().map(({ status }) => status))).toEqual(new Set([202, 429]));
  });

  test("a new window has the whole limit again", async () => {
    const { id, key } = await limited({ organization: 2 });
    expect(accepted(await submits(3, key))).toBe(2);
    await endWindow(`vg:{${id}}:rate:org`);
    expect(accepted(await submits(3, key, second))).toBe(2);
  });

  test("does not touch another organization", async () => {
    const [one, other] = [await limited({ organization: 1 }), await limited({ organization: 1 })];
    expect(accepted(await submits(5, one.key))).toBe(1);
    expect(accepted(await submits(5, other.key))).toBe(1);
  });

  test("raised by the operator: there is room within a second, however many calls were refused", async () => {
    const { id, key } = await limited({ organization: 1 });
    expect(accepted(await submits(20, key))).toBe(1);
    const headers = { "x-visgate-admin-key": ADMIN_KEY };
    const body = { requests_per_minute: 4 };
    await api.call("PATCH", `/admin/organizations/${id}`, { key: null, headers, body });
    api.clock.advance(1000);
    expect(accepted(await submits(5, key))).toBe(3);
  });
});

describe("the limit of a key", () => {
  test("100 concurrent calls at two APIs: exactly as many as the limit are accepted", async () => {
    const { key } = await limited({ key: 25 });
    expect(accepted([...(await submits(50, key)), ...(await submits(50, key, second))])).toBe(25);
  });

  test("does not touch other keys, and calls over it take nothing from the organization", async () => {
    const { key, addKey } = await limited({ organization: 6, key: 2 });
    const other = await addKey(null);
    const [over, others] = await Promise.all([submits(40, key), submits(4, other, second)]);
    expect([accepted(over), accepted(others)]).toEqual([2, 4]);
  });

  test("calls over the limit of the organization take nothing from it", async () => {
    const { id, key } = await limited({ organization: 1, key: 3 });
    expect(accepted(await submits(10, key))).toBe(1);
    await endWindow(`vg:{${id}}:rate:org`);
    expect(rates(await submit(key))).toEqual([expect.anything(), expect.stringMatching(/^"api_key";r=1;/)]);
  });
});

describe("the answers", () => {
  test("headers of an accepted call and of a refused one; the refused one writes nothing", async () => {
    const { id, key } = await limited({ organization: 7, key: 2 });
    const policy = '"api_key";q=2;w=60, "organization";q=7;w=60';
    const first = await submit(key);
    expect(rates(first)).toEqual([policy, '"api_key";r=1;t=60, "organization";r=6;t=60']);
    expect(first.headers.get("retry-after")).toBeNull();
    await submit(key);
    await api.redis.pexpire(`vg:{${id}}:rate:key:${key}`, 41_900);
    const before = await api.traces();
    const refused = await submit(key);
    expect(await api.traces()).toEqual(before);
    expect(rates(refused)).toEqual([policy, '"api_key";r=0;t=42']);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "42"]);
    expect(refused.body).toEqual({
      error: "RATE_LIMIT_ERROR",
      message: "This API key may submit 2 generations a minute, and has; send the same call again in 42 s.",
      details: { limit: { name: "api_key", maximum: 2, window_seconds: 60 }, retry_after_seconds: 42 },
    });
  });

  test("a refusal by the organization's limit shows both limits", async () => {
    const { key } = await limited({ organization: 1, key: 9 });
    await submit(key);
    const { status, body, headers } = await submit(key);
    expect([status, body.details.limit]).toEqual([429, { name: "organization", maximum: 1, window_seconds: 60 }]);
    expect(headers.get("ratelimit")).toMatch(/^"api_key";r=8;t=\d\d, "organization";r=0;t=\d\d$/);
    expect(headers.get("retry-after")).toBe(String(body.details.retry_after_seconds));
  });

  test("without a limit: no header, and nothing is asked of Redis", async () => {
    const { id, key } = await limited({});
    const answer = await submit(key);
    expect([answer.status, ...rates(answer)]).toEqual([202, null, null]);
    expect(await api.redis.keys(`vg:{${id}}:rate:*`)).toEqual([]);
  });

  test("open requests: 429 that names the limit and when to try again, and takes nothing from the rate limit", async () => {
    const { key } = await limited({ organization: 5, maxOpen: 1 });
    await submit(key);
    const { status, headers, body } = await submit(key);
    expect([status, headers.get("retry-after")]).toEqual([429, "10"]);
    expect(body).toEqual({
      error: "RATE_LIMIT_ERROR",
      message: "Your organization may have 1 open request, and has; send the same call again when one has ended.",
      details: { limit: { name: "open_requests", maximum: 1 }, retry_after_seconds: 10 },
    });
    expect((await submit(key)).headers.get("ratelimit")).toMatch(/r=4;/);
  });
});

describe("what counts", () => {
  test("not: polls, lists, cancels and other calls", async () => {
    const { key } = await limited({ organization: 2, key: 2 });
    const { body } = await submit(key);
    const call = (method: string, path: string) => api.call(method, path, { key });
    for (let times = 0; times < 5; times += 1) {
      expect(rates(await call("GET", `/requests/${body.id}`))).toEqual([null, null]);
      expect((await call("GET", "/requests")).status).toBe(200);
    }
    expect((await call("POST", `/requests/${body.id}/cancel`)).status).toBe(202);
    expect((await submit(key)).headers.get("ratelimit")).toMatch(/^"api_key";r=0;/);
  });

  test("not: calls that are refused because of their content, or for want of money", async () => {
    const { id, key } = await limited({ organization: 1 });
    expect((await submit(key, {}, api, { ...VEO, prompt: "" })).status).toBe(422);
    expect((await submit(key, {}, api, { ...VEO, model: "fal-ai/none" })).status).toBe(404);
    await api.redis.hset(`vg:{${id}}:budgets`, "organization|month", 1);
    expect((await submit(key)).status).toBe(402);
    expect((await submit(key)).status).toBe(402);
    await api.redis.del(`vg:{${id}}:budgets`);
    expect((await submit(key)).status).toBe(202);
  });

  test("not: a replay, which is answered over the limit too", async () => {
    const { key } = await limited({ organization: 2 });
    const retried = { "idempotency-key": "order-1" };
    const first = await submit(key, retried);
    const again = await submit(key, retried);
    expect([again.body.id, again.headers.get("ratelimit")]).toEqual([first.body.id, first.headers.get("ratelimit")]);
    expect((await submit(key, { "idempotency-key": "order-2" })).status).toBe(202);
    const over = await submit(key, retried, second);
    expect([over.status, over.body.id, over.headers.get("idempotency-replayed")]).toEqual([202, first.body.id, "true"]);
    expect((await submit(key, { "idempotency-key": "order-3" })).status).toBe(429);
  });

  test("a call that the cache answers counts", async () => {
    const { key } = await limited({ organization: 2 });
    const cached = { ...VEO, cache: "use" };
    expect((await submit(key, {}, api, cached)).status).toBe(202);
    expect((await submit(key, {}, api, cached)).status).toBe(202);
    expect((await submit(key, {}, api, cached)).status).toBe(429);
  });

  test("taking back after the window has ended begins no window, and gives the next one no more room", async () => {
    const { id, key } = await limited({ organization: 2 });
    const { rateLimits } = api.deps.store;
    const caller = { organization: id, id: key };
    const counter = `vg:{${id}}:rate:org`;
    const count = () => rateLimits.count(caller, [{ name: "organization", maximum: 2 }]);
    await count();
    await api.redis.pexpire(counter, 150);
    const { states } = await count();
    await until("the window to end", async () => (await api.redis.exists(counter)) === 0);
    await rateLimits.takeBack(caller, states);
    expect(await api.redis.exists(counter)).toBe(0);
    expect(accepted(await submits(5, key))).toBe(2);
    await rateLimits.takeBack(caller, states);
    expect((await submit(key)).status).toBe(429);
  });

  test("a call that is refused after its limits were asked: its header says what is left without it", async () => {
    const { id, key } = await limited({ organization: 5, key: 5 });
    await api.redis.hset(`vg:{${id}}:budgets`, "organization|month", 1);
    const refused = await submit(key);
    expect([refused.status, rates(refused)[1]]).toEqual([
      402,
      expect.stringMatching(/^"api_key";r=5;t=60, "organization";r=5;t=60$/),
    ]);
  });
});

describe("a large limit, of which each process counts some calls in advance", () => {
  const limit = { name: "organization", maximum: 500 } as const;
  const counting = (organization: string) => {
    const caller = { organization, id: "key" };
    return (on: TestApi) => on.deps.store.rateLimits.count(caller, [limit]);
  };

  test("two processes together let exactly the limit through", async () => {
    const { id } = await limited({});
    const calls = Array.from({ length: 700 }, (_, n) => counting(id)(n % 2 === 0 ? api : second));
    const answers = await Promise.all(calls);
    for (let n = 0; n < 20; n += 1) answers.push(await counting(id)(n % 2 === 0 ? api : second));
    expect(answers.filter(({ refusedBy }) => refusedBy === null)).toHaveLength(500);
  });

  test("one call after the other: only every sixth needs a command, and each says what is left", async () => {
    const { id } = await limited({});
    const commands = async () =>
      Number(/cmdstat_pttl:calls=(\d+)/.exec(await api.redis.info("commandstats"))?.[1] ?? 0);
    const before = await commands();
    const remaining = [];
    for (let n = 0; n < 12; n += 1) remaining.push((await counting(id)(api)).states[0]?.remaining);
    expect(remaining).toEqual(Array.from({ length: 12 }, (_, n) => 499 - n));
    expect((await commands()) - before).toBe(2);
  });

  test("a call that is taken back has room again", async () => {
    const { id } = await limited({});
    const calls = await Promise.all(Array.from({ length: 500 }, () => counting(id)(api)));
    expect(calls.filter(({ refusedBy }) => refusedBy === null)).toHaveLength(500);
    expect((await counting(id)(api)).refusedBy).not.toBeNull();
    await api.deps.store.rateLimits.takeBack({ organization: id, id: "key" }, calls[0]?.states ?? []);
    expect((await counting(id)(api)).refusedBy).toBeNull();
    expect((await counting(id)(api)).refusedBy).not.toBeNull();
  });

  test("calls that one process takes back have room at the others, but for its reserve", async () => {
    const { id } = await limited({});
    const calls = await Promise.all(Array.from({ length: 400 }, () => counting(id)(api)));
    const { rateLimits } = api.deps.store;
    await Promise.all(calls.map(({ states }) => rateLimits.takeBack({ organization: id, id: "key" }, states)));
    const others = await Promise.all(Array.from({ length: 500 }, () => counting(id)(second)));
    expect(others.filter(({ refusedBy }) => refusedBy === null)).toHaveLength(495);
    const rest = await Promise.all(Array.from({ length: 20 }, () => counting(id)(api)));
    expect(rest.filter(({ refusedBy }) => refusedBy === null)).toHaveLength(5);
  });
});

describe("Redis is away", () => {
  test("503 in time without an unhandled rejection, and the limit holds afterwards", async () => {
    const { key } = await limited({ organization: 3, key: 3 });
    expect((await submit(key)).status).toBe(202);
    process.kill(server.pid, "SIGSTOP");
    const frozen = await submits(3, key).finally(() => process.kill(server.pid, "SIGCONT"));
    expect(frozen.map(({ status, body }) => [status, body.error])).toEqual(Array(3).fill([503, "UNAVAILABLE"]));
    expect(Math.max(...frozen.map(({ ms }) => ms))).toBeLessThan(10_000);
    await server.takeDown();
    const [down] = await submits(1, key);
    expect([down?.status, down?.headers.get("retry-after")]).toEqual([503, "2"]);
    await server.bringBack();
    await until("the API to answer", async () => (await submit(key)).status !== 503);
    expect(accepted(await submits(10, key))).toBeLessThan(3);
    expect((await submit(key)).status).toBe(429);
  });
});
