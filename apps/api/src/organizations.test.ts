/** The operator's routes: organizations and their keys. */
import { describe, expect, test } from "vitest";
import { ADMIN_KEY, startTestApi, useTestApi } from "../../../tests/support/api.js";

const { api, server } = useTestApi();
const admin = { "x-visgate-admin-key": ADMIN_KEY };
const call = (method: string, path: string, body?: object) =>
  api.call(method, `/admin/organizations${path}`, { key: null, headers: admin, ...(body && { body }) });

describe("POST /admin/organizations", () => {
  test("creates an organization, whose first key works", async () => {
    const { status, body } = await call("POST", "", { id: "acme", name: "Acme", time_zone: "Europe/Berlin" });
    expect([status, body]).toEqual([
      201,
      {
        ...{ id: "acme", name: "Acme", time_zone: "Europe/Berlin", weight: 1, usage_tag: null },
        ...{ requests_per_minute: null, max_in_flight: null, max_open: null },
        created_at: new Date(api.clock.now()).toISOString(),
      },
    ]);
    const { body: key } = await call("POST", "/acme/api-keys", { name: "first" });
    const identity = await api.call("GET", "/auth/me", { key: key.key });
    expect(identity.body.organization).toEqual({ id: "acme", name: "Acme" });
    expect((await call("GET", "/acme/api-keys")).body).toMatchObject([{ id: key.id, name: "first" }]);
    const { body: audit } = await api.call("GET", "/audit", { key: key.key });
    expect(audit.entries).toMatchObject([
      { action: "api_key.created", by: { kind: "admin", id: null } },
      { action: "organization.created", by: { kind: "admin", id: null } },
    ]);
  });

  test.each([
    ["id", {}],
    ["id", { id: "Not an id" }],
    ["id", { id: "x".repeat(41) }],
    ["id", { id: "../up" }],
    ["id", { id: "default" }],
    ["name", { id: "ok", name: "x".repeat(300) }],
    ["time_zone", { id: "ok", time_zone: "Mars/Olympus" }],
    ["time_zone", { id: "ok", time_zone: "+05:07" }],
    ["weight", { id: "ok", weight: 0 }],
    ["max_open", { id: "ok", max_open: -1 }],
    ["max_in_flight", { id: "ok", max_in_flight: 1e18 }],
  ])("bad %s: 422 that names it, and nothing is stored: %j", async (field, body) => {
    const before = await api.traces();
    const answer = await call("POST", "", body);
    expect([answer.status, answer.body.details.field]).toEqual([422, field]);
    expect(await api.traces()).toEqual(before);
  });
});

describe("PATCH /admin/organizations/{id}", () => {
  test("changes what the body names, and null removes a limit", async () => {
    await call("POST", "", { id: "initech", max_open: 5 });
    expect((await call("PATCH", "/initech", { weight: 3 })).body).toMatchObject({ weight: 3, max_open: 5 });
    expect((await call("PATCH", "/initech", { max_open: null })).body).toMatchObject({ weight: 3, max_open: null });
    expect((await call("GET", "/initech")).body).toMatchObject({ weight: 3, max_open: null });
  });

  test.each(["GET", "PATCH"])("%s of an unknown one: 404", async (method) => {
    expect((await call(method, "/nobody", method === "PATCH" ? { weight: 2 } : undefined)).status).toBe(404);
  });
});

test("DELETE of a key of another organization: 404, and the key works", async () => {
  await call("POST", "", { id: "umbrella" });
  const { body } = await call("POST", "/umbrella/api-keys", { name: "first" });
  expect((await call("DELETE", `/default/api-keys/${body.id}`)).status).toBe(404);
  expect((await api.call("GET", "/auth/me", { key: body.key })).status).toBe(200);
  expect((await call("DELETE", `/umbrella/api-keys/${body.id}`)).status).toBe(200);
});

test("a server without VISGATE_ADMIN_KEY: every admin call is a 401", async () => {
  const without = await startTestApi(server.url, { settings: { adminKey: null } });
  const answer = await without.call("GET", "/admin/organizations", { headers: admin });
  expect([answer.status, answer.body.message]).toEqual([401, expect.stringContaining("VISGATE_ADMIN_KEY")]);
  await without.close();
});

test("many wrong admin keys from one address: 429, and the right one still works", async () => {
  const from = { "x-forwarded-for": "198.51.100.7" };
  const ask = (key: string) =>
    api.call("GET", "/admin/organizations", { headers: { ...from, "x-visgate-admin-key": key } });
  const statuses = [];
  for (let count = 0; count < 25; count += 1) statuses.push((await ask(`wrong-${count}`)).status);
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  expect((await ask(ADMIN_KEY)).status).toBe(200);
});
