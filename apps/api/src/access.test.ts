/** Who may call what: each route of the API, as app.ts lists it. */
import { SCOPES, type Scope } from "@visgate/shared/organization";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, KEY, OTHER_KEY, ref, useTestApi } from "../../../tests/support/api.js";
import { apiKeyOf } from "../../../tests/support/records.js";
import { ROUTES } from "./app.js";
import { scopesFor } from "./http/route.js";

const { api } = useTestApi();
const UNKNOWN_ID = "018f0000-0000-7000-8000-000000000000";
const TABLE = ROUTES.map(([method, path, authorization]) => ({ method, path, authorization }));
const WITH_KEY = TABLE.filter(({ authorization }) => scopesFor(authorization) !== null);
const OF_ADMIN = TABLE.filter(({ authorization }) => authorization === "admin");
type Row = (typeof TABLE)[number];

/** For the routes that look at the body first. */
const BODIES: Record<string, object> = {
  "PATCH /webhook-endpoints/{id}": { description: "changed" },
  "POST /requests/{id}/settle": { outcome: "released" },
  "POST /webhook-endpoints/{id}/redeliver": { since: "2026-01-01T00:00:00Z" },
};

/** Each call has an address of its own, because many wrong keys from one address are answered 429. */
let calls = 0;
const nextAddress = () => {
  calls += 1;
  return { "x-forwarded-for": `203.0.${Math.floor(calls / 250)}.${calls % 250}` };
};
const call = (
  { method, path }: Row,
  { id = "x", ...options }: { id?: string; key?: string | null; admin?: string },
) => {
  const { admin, key = null } = options;
  const headers = { ...nextAddress(), ...(admin === undefined ? {} : { "x-visgate-admin-key": admin }) };
  return api.call(method, path.replaceAll(/\{\w+\}/g, id), { key, headers });
};

test.each(WITH_KEY)(
  "$method $path: answers 401 without an API key, with a wrong one and with the admin key",
  async (route) => {
    for (const options of [{}, { key: "vg-0123456789abcdef0123" }, { key: ADMIN_KEY }, { admin: ADMIN_KEY }]) {
      const { status, body } = await call(route, options);
      expect([status, body.error]).toEqual([401, "AUTHENTICATION_ERROR"]);
    }
  },
);

test.each(OF_ADMIN)(
  "$method $path: answers 401 without the admin key, with a wrong one and with an API key",
  async (route) => {
    for (const options of [{}, { admin: "wrong-admin-key-0123456789-0123456789" }, { admin: KEY }, { key: KEY }]) {
      const { status, body } = await call(route, options);
      expect([status, body.error]).toEqual([401, "AUTHENTICATION_ERROR"]);
    }
  },
);

describe("an API key with one scope", () => {
  const keyWith = (scope: Scope) => `vg-key-with-the-scope-${scope}`;
  beforeAll(async () => {
    for (const scope of SCOPES) {
      const apiKey = apiKeyOf({ id: `only-${scope}`, organization: "default", scopes: [scope] }, keyWith(scope));
      await api.deps.store.apiKeys.save(apiKey, null);
    }
  });

  test.each(WITH_KEY)("$method $path: answers 403 and names the scope, unless the route takes it", async (route) => {
    const allowed = scopesFor(route.authorization) ?? [];
    for (const scope of SCOPES.filter((one) => !allowed.includes(one))) {
      const { status, body } = await call(route, { key: keyWith(scope) });
      expect([status, body.error, body.details]).toEqual([403, "FORBIDDEN", { scope: allowed[0] }]);
    }
    for (const scope of allowed) expect((await call(route, { key: keyWith(scope) })).status).not.toBe(403);
  });
});

describe("an API key that stopped working", () => {
  const EXPIRED = "vg-key-that-expires-soon";
  beforeAll(async () => {
    const expiresAt = api.clock.now() + 1000;
    await api.deps.store.apiKeys.save(apiKeyOf({ id: "expiring", organization: "default", expiresAt }, EXPIRED), null);
  });

  test("expired: works until its time, and answers 401 from then on", async () => {
    const identity = () => api.call("GET", "/auth/me", { key: EXPIRED });
    expect((await identity()).status).toBe(200);
    api.clock.advance(1000);
    const { status, body } = await identity();
    expect([status, body.message]).toEqual([401, "This API key has expired."]);
  });
});

describe("ids of another organization", () => {
  /** What organization default has. */
  let owned: Record<string, string>;
  beforeAll(async () => {
    const create = async (path: string, body: object) => (await api.call("POST", path, { body })).body.id;
    const endpoint = await create("/webhook-endpoints", { url: "https://example.com/hook" });
    const id = await api.submit();
    await api.complete(id);
    const [delivery] = await api.deps.store.deliveries.ofRequest(ref(id));
    const apiKey = await create("/api-keys", { name: "owned" });
    owned = {
      ...{ "/requests/": id, "/webhook-endpoints/": endpoint, "/api-keys/": apiKey },
      delivery: delivery?.doc.id ?? "",
    };
  });
  afterAll(() => api.redis.flushall());

  const withId = WITH_KEY.filter(({ path }) => path.includes("{id}"));
  const queries = ["?wait=30", "?include=timeline", "?include=timeline&wait=20"];
  const rows = [
    ...withId,
    ...queries.map((query) => ({ method: "GET", path: `/requests/{id}${query}`, authorization: "read" }) as Row),
  ];

  test.each(rows)("$method $path: answers 404 at once, as for an unknown id, and changes nothing", async (route) => {
    const kind = Object.keys(owned).find((prefix) => route.path.startsWith(prefix)) ?? "";
    const path = route.path.replace("{delivery_id}", owned["delivery"] ?? "");
    const at = (id: string) => path.replace("{id}", id);
    const body = BODIES[`${route.method} ${route.path}`];
    const before = await api.traces();
    const ask = (id: string, key: string) => api.call(route.method, at(id), { key, ...(body && { body }) });
    const id = owned[kind] ?? "";
    const answers = [await ask(UNKNOWN_ID, KEY), await ask("*", KEY), await ask(id, OTHER_KEY)];
    for (const answer of answers) {
      const wanted =
        path.startsWith("/requests/{id}") && !path.includes("/deliveries/") ? "REQUEST_NOT_FOUND" : "NOT_FOUND";
      expect([answer.status, answer.body.error, answer.body.message]).toEqual([404, wanted, answers[0]?.body.message]);
      expect(answer.ms).toBeLessThan(5000);
    }
    expect(await api.traces()).toEqual(before);
  });

  test.each(WITH_KEY.filter(({ method, path }) => method === "GET" && !path.includes("{")))(
    "$method $path: shows nothing of them",
    async (route) => {
      const { bytes } = await call(route, { key: OTHER_KEY });
      for (const id of Object.values(owned)) expect(bytes.includes(id)).toBe(false);
    },
  );
});
