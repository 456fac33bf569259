/** Who may call what: each route of the API, as app.ts lists it. */
import { describe, expect, test } from "vitest";
import { OTHER_KEY, ref, useTestApi } from "../../../tests/support/api.js";
import { ROUTES } from "./app.js";

const { api } = useTestApi();
const WITH_KEY = ROUTES.filter(([, , authorization]) => authorization === "key").map(([method, path]) => ({
  method,
  path,
}));

test.each(WITH_KEY)("$method $path: answers 401 without an API key, and 401 with a wrong one", async (route) => {
  for (const key of [null, "vg-0123456789abcdef0123"]) {
    // Each route has a caller of its own, because many wrong keys from one address are answered 429.
    const headers = { "x-forwarded-for": `203.0.113.${WITH_KEY.indexOf(route)}` };
    const { status, body } = await api.call(route.method, route.path.replaceAll(/\{\w+\}/g, "x"), { key, headers });
    expect([status, body.error]).toEqual([401, "AUTHENTICATION_ERROR"]);
  }
});

describe("a request that the caller does not have", () => {
  const routes = WITH_KEY.filter(({ path }) => /^\/requests\/\{id\}(\/\w+)?$/.test(path));
  const queries = ["?wait=30", "?include=timeline", "?include=timeline&wait=20"];
  const calls = [...routes, ...queries.map((query) => ({ method: "GET", path: `/requests/{id}${query}` }))];

  test.each(calls)("$method $path: answers 404 at once, as for an unknown id, and changes nothing", async (call) => {
    const id = await api.submit();
    const before = await api.deps.store.requests.get(ref(id));
    const unknown = await api.call(call.method, call.path.replace("{id}", "018f0000-0000-7000-8000-000000000000"));
    const invalid = await api.call(call.method, call.path.replace("{id}", "*"));
    const foreign = await api.call(call.method, call.path.replace("{id}", id), { key: OTHER_KEY });
    for (const { status, body, ms } of [unknown, invalid, foreign]) {
      expect([status, body.error, body.message]).toEqual([404, "REQUEST_NOT_FOUND", unknown.body.message]);
      expect(ms).toBeLessThan(1000);
    }
    expect(await api.deps.store.requests.get(ref(id))).toEqual(before);
  });
});
