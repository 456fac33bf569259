/** Budgets over HTTP, and the calls that would cross them. */
import { beforeEach, describe, expect, test } from "vitest";
import { ADMIN_KEY, ASYNC, OTHER_KEY, useTestApi, VEO } from "../../../tests/support/api.js";

const { api } = useTestApi();
/** What VEO costs: 5 s are made as 6 s, at 0.4 USD each with sound. */
let priceUsd: number;
beforeEach(async () => {
  for (const { subject, period } of (await api.call("GET", "/budgets")).body.budgets) {
    if (subject === "operator") await admin("DELETE", `?period=${period}`);
    else await api.call("DELETE", `/budgets?subject=${subject}&period=${period}`);
  }
  priceUsd = (await api.call("POST", "/quotes", { body: VEO })).body.cost_usd;
});

const admin = (method: string, query = "", body?: object) =>
  api.call(method, `/admin/organizations/default/budgets${query}`, {
    ...{ key: null, headers: { "x-visgate-admin-key": ADMIN_KEY } },
    ...(body && { body }),
  });
const set = (body: object) => api.call("PUT", "/budgets", { body });
const spent = async (): Promise<number> =>
  (await set({ subject: "organization", period: "day", limit_usd: 1e6 })).body.spent_usd;
const generate = (key?: string) =>
  api.call("POST", "/videos/generate", { body: VEO, headers: ASYNC, ...(key === undefined ? {} : { key }) });

describe("a call that would cross a budget", () => {
  test("is answered 402 with what is left and when the budget renews, and leaves nothing but one alert", async () => {
    const before = await spent();
    await set({ subject: "organization", period: "day", limit_usd: before + 1.5 * priceUsd });
    expect((await generate()).status).toBe(202);
    const { status, body } = await generate();
    expect([status, body.error]).toEqual([402, "BUDGET_EXCEEDED"]);
    const { events } = (await api.call("GET", "/events?types=budget.threshold")).body;
    expect(events).toMatchObject([{ data: { subject: "organization", period: "day", threshold_percent: 100 } }]);
    const kept = await api.traces();
    expect((await generate()).status).toBe(402);
    const tomorrow = new Date(api.clock.now() + 86_400_000).toISOString().slice(0, 10);
    expect(body.details).toMatchObject({
      budget: "organization",
      period: "day",
      needed_usd: priceUsd,
      renews_on: tomorrow,
    });
    expect(body.details.left_usd).toBeCloseTo(0.5 * priceUsd);
    expect(body.message).toMatch(
      new RegExp(`the budget organization for this day has .* It renews on ${tomorrow}\\.$`),
    );
    expect(await api.traces()).toEqual(kept);
    expect((await generate(OTHER_KEY)).status).toBe(202);
  });

  test("goes through once the money of a failed request is free again", async () => {
    await set({ subject: "organization", period: "day", limit_usd: (await spent()) + priceUsd });
    const id = await api.submit();
    expect((await generate()).status).toBe(402);
    await api.fail(id, { charged: false });
    expect((await generate()).status).toBe(202);
  });

  test("is free when the cache has its output", async () => {
    const cached = { ...VEO, prompt: "a cached lighthouse", cache: "use" };
    await api.complete(await api.submit(cached));
    await set({ subject: "organization", period: "day", limit_usd: 0.01 });
    const hit = await api.call("POST", "/videos/generate", { body: cached, headers: { prefer: "wait=1" } });
    expect([hit.status, hit.body.cache_hit, hit.body.cost]).toEqual([200, true, 0]);
  });

  test("of its key or its provider: other keys and providers go on", async () => {
    const { body: key } = await api.call("POST", "/api-keys", { body: { name: "small budget" } });
    await set({ subject: `key:${key.id}`, period: "month", limit_usd: priceUsd });
    expect([(await generate(key.key)).status, (await generate(key.key)).status]).toEqual([202, 402]);
    expect((await generate()).status).toBe(202);
    await set({ subject: "provider:fal", period: "month", limit_usd: 0.01 });
    expect((await generate()).status).toBe(402);
    const replicate = { model: "replicate/google/veo-3", prompt: "a bird", cache: "off" };
    const other = await api.call("POST", "/videos/generate", { body: replicate, headers: ASYNC });
    expect(other.status).toBe(202);
  });
});

describe("the operator's budget", () => {
  test("holds beside the organization's own, which cannot change it", async () => {
    await admin("PUT", "", { period: "month", limit_usd: 0.01 });
    await set({ subject: "organization", period: "month", limit_usd: 1000 });
    expect((await generate()).body.details).toMatchObject({ budget: "operator", period: "month" });
    expect((await set({ subject: "operator", period: "month", limit_usd: 1e6 })).status).toBe(422);
    expect((await api.call("DELETE", "/budgets?subject=operator&period=month")).status).toBe(422);
    expect((await admin("GET", "")).body).toEqual((await api.call("GET", "/budgets")).body);
    expect((await admin("DELETE", "?period=month")).status).toBe(200);
    expect((await generate()).status).toBe(202);
  });

  test("of an unknown organization: 404", async () => {
    const path = "/admin/organizations/nobody/budgets";
    const asAdmin = { key: null, headers: { "x-visgate-admin-key": ADMIN_KEY } };
    expect((await api.call("PUT", path, { ...asAdmin, body: { period: "day", limit_usd: 1 } })).status).toBe(404);
    expect((await api.call("GET", path, asAdmin)).status).toBe(404);
  });
});

test.each([
  ["limit_usd", { limit_usd: 0 }],
  ["limit_usd", { limit_usd: -5 }],
  ["limit_usd", { limit_usd: 1e18 }],
  ["limit_usd", { limit_usd: 1e-9 }],
  ["limit_usd", { limit_usd: "5" }],
  ["subject", { subject: "everything" }],
  ["subject", { subject: "key:unknown" }],
  ["subject", { subject: "provider:" }],
  ["subject", { subject: "provider:unknown" }],
  ["period", { period: "year" }],
  ["limit", { limit: 5 }],
])("bad %s: 422 that names it, and nothing is stored: %j", async (field, change) => {
  const before = await api.traces();
  const answer = await set({ subject: "organization", period: "month", limit_usd: 5, ...change });
  expect([answer.status, answer.body.details.field]).toEqual([422, field]);
  expect(await api.traces()).toEqual(before);
});
