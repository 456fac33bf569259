/** Usage, receipts, settlements, billing and the recount, over HTTP. */
import { describe, expect, test } from "vitest";
import { ADMIN_KEY, OTHER_KEY, ref, useTestApi, VEO } from "../../../tests/support/api.js";
import { submitIntended } from "../../../tests/support/records.js";

const { api } = useTestApi();
const COST = 2.4;
const get = async (path: string, key?: string) => (await api.call("GET", path, key === undefined ? {} : { key })).body;
const usage = (query = "") => get(`/usage${query}`);

/** A request whose submit is lost and never found. */
async function unknownRequest(): Promise<string> {
  const id = await api.submit();
  const at = api.clock.now();
  await api.apply(id, submitIntended({ at }), {
    name: "submit_lost",
    at,
    attempt: 1,
    until: at + 1,
    submitEnded: true,
  });
  const failure = { code: "SUBMIT_UNKNOWN", message: "unknown", retryable: false, charged: null } as const;
  await api.apply(id, { name: "failed", at, failure, billedMicro: null });
  return id;
}

describe("GET /usage", () => {
  test("counts requests and money once each, by provider and model, and not those of others", async () => {
    const before = await usage();
    await api.complete(await api.submit());
    await api.fail(await api.submit(), { charged: false });
    const cached = { ...VEO, prompt: "counted in the cache", cache: "use" };
    await api.complete(await api.submit(cached));
    await api.call("POST", "/videos/generate", { body: cached, headers: { prefer: "wait=1" } });
    const after = await usage();
    const difference = (name: string) => after[name] - (before[name] ?? 0);
    expect({
      requests: difference("total_requests"),
      successful: difference("successful_requests"),
      failed: difference("failed_requests"),
      cached: difference("cached_requests"),
    }).toEqual({ requests: 4, successful: 3, failed: 1, cached: 1 });
    expect(difference("total_provider_cost")).toBeCloseTo(2 * COST);
    expect(difference("total_billed_cost")).toBeCloseTo(2 * COST);
    expect(difference("total_savings")).toBeCloseTo(COST);
    expect(after.by_provider.fal - (before.by_provider.fal ?? 0)).toBe(4);
    expect(after.by_model[VEO.model] - (before.by_model[VEO.model] ?? 0)).toBe(4);
    expect(await get("/usage", OTHER_KEY)).toMatchObject({ total_requests: 0, by_model: {} });
  });

  test.each(["day", "week", "month", "year"])(
    "period=%s: begins and ends in the time zone of the organization",
    async (period) => {
      const { period_start, period_end, total_requests } = await usage(`?period=${period}`);
      expect(Date.parse(period_start)).toBeLessThanOrEqual(api.clock.now());
      expect(Date.parse(period_end)).toBeGreaterThan(api.clock.now());
      expect(total_requests).toBeGreaterThan(0);
      expect((await usage(`?period=${period}&date=2020-02-29`)).total_requests).toBe(0);
    },
  );

  test("date: the message about a wrong one shows a right one", async () => {
    const { body } = await api.call("GET", "/usage?date=2026-02-30");
    expect(body).toMatchObject({ message: "date: must be a day, such as 2026-03-31.", details: { field: "date" } });
  });

  test.each(["9999-12-31", "0000-01-01", "1999-12-31", "3000-01-01"])("date=%s: is refused at once", async (date) => {
    for (const path of ["/usage", "/dashboard", "/usage/export"]) {
      const { status, body } = await api.call("GET", `${path}?period=year&date=${date}`);
      expect([status, body.details?.field]).toEqual([422, "date"]);
      expect(body.message).toBe("date: must be a day in the years 2000 to 2999.");
    }
  });

  test.each(["2000-01-01", "2999-12-31"])("date=%s: all periods have a beginning and an end", async (date) => {
    for (const period of ["day", "week", "month", "year"]) {
      const { period_start, period_end } = await usage(`?period=${period}&date=${date}`);
      expect(Date.parse(period_end)).toBeGreaterThan(Date.parse(period_start));
    }
  });

  test.each(["period=decade", "date=2026-02-30", "date=today", "days=3"])("%s: 422", async (query) => {
    for (const path of ["/usage", "/dashboard", "/usage/export"]) {
      expect((await api.call("GET", `${path}?${query}`)).status).toBe(422);
    }
  });
});

test("GET /dashboard: rates, the median time and the days", async () => {
  await api.complete(await api.submit());
  const dashboard = await get("/dashboard");
  const { total_requests, successful_requests, failed_requests } = await usage();
  const ended = successful_requests + failed_requests;
  expect(dashboard.success_rate).toBeCloseTo(successful_requests / ended);
  expect(dashboard.total_generations).toBe(total_requests);
  expect(dashboard.p50_latency_ms).toBeGreaterThan(1400);
  expect(dashboard.p50_latency_ms).toBeLessThan(1600);
  expect(dashboard.by_day).toMatchObject([{ date: new Date(api.clock.now()).toISOString().slice(0, 10) }]);
});

test("GET /usage/logs: newest first, by limit and offset", async () => {
  const ids = [];
  for (let count = 0; count < 3; count += 1) {
    api.clock.advance(1);
    ids.push(await api.submit());
  }
  const page = async (query: string) => (await get(`/usage/logs?${query}`)).logs.map(({ id }: { id: string }) => id);
  expect(await page("limit=3")).toEqual(ids.toReversed());
  expect([...(await page("limit=1")), ...(await page("limit=2&offset=1"))]).toEqual(await page("limit=3"));
});

test("GET /usage/export: one line per model, key and tag, and no formulas", async () => {
  const admin = { key: null, headers: { "x-visgate-admin-key": ADMIN_KEY } };
  await api.call("PATCH", "/admin/organizations/default", { ...admin, body: { usage_tag: "project" } });
  api.clock.advance(1000);
  for (const project of ["film", '=HYPERLINK("https://example.com")', 'a,"b"|c']) {
    await api.complete(await api.submit({ ...VEO, metadata: { project } }));
  }
  const { headers, bytes } = await api.call("GET", "/usage/export");
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const lines = bytes.toString().split("\r\n");
  expect(lines[0]).toBe(
    "day,mode,provider,model,api_key_id,tag,requests,completed,cached,failed,cost_usd,billed_usd,saved_usd",
  );
  const day = new Date(api.clock.now()).toISOString().slice(0, 10);
  const start = `${day},managed,fal,${VEO.model},bootstrap`;
  const end = "1,1,0,0,2.400000,2.400000,0.000000";
  expect(lines).toContain(`${start},film,${end}`);
  expect(lines).toContain(`${start},"'=HYPERLINK(""https://example.com"")",${end}`);
  expect(lines).toContain(`${start},"a,""b""|c",${end}`);
});

describe("usage tags", () => {
  const tagBy = async (usage_tag: string) => {
    const admin = { key: null, headers: { "x-visgate-admin-key": ADMIN_KEY } };
    expect((await api.call("PATCH", "/admin/organizations/default", { ...admin, body: { usage_tag } })).status).toBe(
      200,
    );
    api.clock.advance(1000);
  };
  const tagOf = async (metadata: object) => {
    const id = await api.submit({ ...VEO, metadata });
    return (await api.deps.store.requests.get(ref(id)))?.doc.tag;
  };

  test.each(["constructor", "toString", "__proto__"])("by %s: calls without it have no tag", async (name) => {
    await tagBy(name);
    expect(await tagOf({})).toBe("");
  });

  test.each([
    ["is cut between characters", `${"x".repeat(99)}🎬🎬`, `${"x".repeat(99)}🎬`],
    ["half a character becomes U+FFFD", "\ud83c", "\ufffd"],
  ])("%s", async (_what, project, tag) => {
    await tagBy("project");
    expect(await tagOf({ project })).toBe(tag);
    expect(await get("/usage/export")).toContain(`,${tag},`);
  });

  test.each(["=1+1", "+1", "-1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1"])(
    "%j is no formula in the export",
    async (project) => {
      await tagBy("project");
      await tagOf({ project });
      expect(await get("/usage/export")).toMatch(new RegExp(`,"?'${project.replace(/[+|()]/g, "\\$&")}"?,`));
    },
  );
});

describe("receipts", () => {
  test("of a request that completed", async () => {
    const id = await api.submit();
    await api.complete(id);
    expect(await get(`/requests/${id}/receipt`)).toMatchObject({
      ...{ request_id: id, status: "completed", charge_state: "charged", api_key_id: "bootstrap", held_usd: 0 },
      quote: { cost_source: "catalogue" },
      attempts: [{ attempt: 1, outcome: "accepted", provider_request_id: "provider-job-1" }],
      settlement: { cost_usd: COST, cost_source: "provider" },
    });
  });

  test("of a request whose charge is unknown: it is held until it is settled, once", async () => {
    const id = await unknownRequest();
    const unknown = await get(`/requests/${id}/receipt`);
    expect(unknown).toMatchObject({ settlement: null, attempts: [{ attempt: 1, outcome: "unknown" }] });
    expect(unknown.held_usd).toBe(unknown.quote.cost_usd);
    const settle = (body: object) => api.call("POST", `/requests/${id}/settle`, { body });
    const settled = await settle({ outcome: "charged", cost_usd: 1.25 });
    expect(settled.body).toMatchObject({ charge_state: "charged", cost: 1.25, status: "failed" });
    expect((await settle({ outcome: "released" })).body.error).toBe("ALREADY_TERMINAL");
    expect(await get(`/requests/${id}/receipt`)).toMatchObject({
      held_usd: 0,
      settlement: { cost_usd: 1.25, cost_source: "caller" },
    });
    const { body: audit } = await api.call("GET", "/audit?limit=1");
    expect(audit.entries).toMatchObject([{ action: "request.settled", target: id, details: { cost_usd: 1.25 } }]);
  });

  test("settling a request that has not ended, or with a cost that was not charged, is refused", async () => {
    const open = await api.submit();
    const settle = (id: string, body: object) => api.call("POST", `/requests/${id}/settle`, { body });
    expect((await settle(open, { outcome: "released" })).body.error).toBe("NOT_TERMINAL");
    const unknown = await unknownRequest();
    expect((await settle(unknown, { outcome: "released", cost_usd: 1 })).body.details.field).toBe("cost_usd");
    const { message, details } = (await settle(unknown, { outcome: "paid" })).body;
    expect(message).toBe("outcome: must be one of charged, released.");
    expect(details).toEqual({ field: "outcome", allowed: ["charged", "released"] });
    expect((await settle(unknown, { outcome: "charged", cost_usd: -1 })).body.details.field).toBe("cost_usd");
    expect(await api.deps.store.requests.get(ref(unknown))).toMatchObject({ doc: { chargeState: "unknown" } });
  });
});

test("POST /quotes: the price of the call, and times from the organization's own history", async () => {
  const { body } = await api.call("POST", "/quotes", { body: { ...VEO, duration_seconds: 7 } });
  expect(body).toMatchObject({
    model: VEO.model,
    duration_seconds: 8,
    cost_source: "catalogue",
    would_be_accepted: true,
  });
  const id = await api.submit({ ...VEO, duration_seconds: 7 });
  const accepted = await api.deps.store.requests.get(ref(id));
  expect(body.cost_usd * 1e6).toBeCloseTo(accepted?.doc.heldMicro ?? 0);
  expect(body.samples).toBeGreaterThan(0);
  expect(body.p50_latency_ms).toBeGreaterThan(0);
  const image = await api.call("POST", "/quotes", {
    body: { model: "fal-ai/flux/schnell", prompt: "a bird", num_images: 2 },
  });
  expect(image.body).toMatchObject({ media_type: "image", samples: 0, p50_latency_ms: null });
  expect((await api.call("POST", "/quotes", { body: { prompt: "a bird" } })).body.details.field).toBe("model");
  expect((await api.call("POST", "/quotes", { body: { ...VEO, duration_seconds: 60 } })).status).toBe(422);
});

test("billing: the month's spend, counts, and the price list", async () => {
  const info = await get("/billing/info");
  const month = await usage();
  expect(info).toMatchObject({ plan: "self-hosted", monthly_budget_usd: null, remaining_usd: null });
  expect(info.monthly_spend_usd).toBe(month.total_provider_cost);
  expect(await get("/billing/stats")).toMatchObject({ total_requests: month.total_requests });
  const { models } = await get("/billing/pricing");
  expect(models).toHaveLength(api.deps.catalogue.size);
  await api.call("PUT", "/budgets", { body: { subject: "organization", period: "month", limit_usd: 10_000 } });
  expect(await get("/billing/info")).toMatchObject({ monthly_budget_usd: 10_000 });
});

describe("POST /admin/organizations/{id}/recount", () => {
  const admin = { key: null, headers: { "x-visgate-admin-key": ADMIN_KEY } };
  const recount = async () => (await api.call("POST", "/admin/organizations/default/recount", admin)).body;

  test("finds no difference, also while requests are accepted", async () => {
    const submits = Promise.all(Array.from({ length: 20 }, () => api.submit()));
    const counted = await recount();
    await submits;
    expect(counted.differences).toEqual([]);
    expect(counted.entries).toBeGreaterThan(10);
    expect((await recount()).differences).toEqual([]);
  });

  test("names a counter that was changed by hand", async () => {
    await api.redis.hincrby("vg:{default}:balance", "settled", 5);
    const { differences } = await recount();
    expect(differences).toMatchObject([{ counter: "balance", field: "settled" }]);
    expect(differences[0].counted - differences[0].recounted).toBe(5);
    await api.redis.hincrby("vg:{default}:balance", "settled", -5);
  });
});
