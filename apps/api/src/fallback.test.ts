import { loadModels, PROVIDER_NAMES } from "@visgate/providers";
import type { ModelRoute } from "@visgate/shared/catalogue";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ASYNC,
  expectNothingLeftBehind,
  ref,
  startTestApi,
  type TestApi,
  useTestApi,
  VEO,
} from "../../../tests/support/api.js";
import { failure, submitIntended } from "../../../tests/support/records.js";

const SECOND = "replicate/google/veo-3";
const THIRD = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const { api, server } = useTestApi();

const stored = async (id: string) => {
  const found = await api.deps.store.requests.get(ref(id));
  if (found === null) throw new Error("it is stored");
  return found.doc;
};
const receiptOf = async (id: string) => (await api.call("GET", `/requests/${id}/receipt`)).body;
const fellBack = (attempt: number, at = api.clock.now()) =>
  ({ name: "fell_back", at, attempt, failure: failure() }) as const;

const accepted = (given: { at: number; attempt: number; providerRequestId: string }) =>
  ({ name: "submit_accepted", ...given }) as const;

describe("a fallback that a model does not take is a 422 that names the entry", () => {
  expectNothingLeftBehind(api);
  test.each([
    { what: "an empty list", fallback: [], field: "fallback", says: "at least 1" },
    { what: "too many", fallback: Array(6).fill(SECOND), field: "fallback", says: "at most 5" },
    { what: "no text", fallback: [7], field: "fallback.0", says: "{model, params}" },
    { what: "a field that is not known", fallback: [{ model: SECOND, seed: 1 }], field: "fallback.0.seed" },
    { what: "the model of the call", fallback: [VEO.model], field: "fallback.0", says: "named twice" },
    { what: "a model twice", fallback: [SECOND, { model: SECOND }], field: "fallback.1", says: "named twice" },
    { what: "an image model", fallback: ["fal-ai/flux/schnell"], field: "fallback.0", says: "makes images" },
    {
      what: "params of its own",
      fallback: [{ model: SECOND, params: { no_such: 1 } }],
      field: "fallback.0.params.no_such",
      says: "not a parameter",
    },
    {
      what: "the params of the call",
      body: { params: { auto_fix: true } },
      fallback: [THIRD],
      field: "fallback.0",
      says: "{model, params}",
    },
  ])("$what", async ({ fallback, field, says = "", body = {} }) => {
    const answer = await api.generate({ ...VEO, ...body, fallback }, ASYNC);
    expect([answer.status, answer.body.details?.field]).toEqual([422, field]);
    expect(answer.body.message).toContain(says);
  });

  test("a model that does not exist is a 404", async () => {
    const answer = await api.generate({ ...VEO, fallback: ["replicate-x/y"] }, ASYNC);
    expect([answer.status, answer.body.error, answer.body.details.field]).toEqual([
      ...[404, "MODEL_NOT_FOUND", "fallback.0"],
    ]);
    expect(answer.body.message).toContain("fallback.0");
  });
});

describe("a call with a fallback", () => {
  test("is accepted with all models planned, each with its own duration and price", async () => {
    const id = await api.submit({
      ...{ ...VEO, duration_seconds: 5, fallback: [SECOND, { model: THIRD, params: { cfg_scale: 0.7 } }] },
    });
    const { model, input, fallback } = await stored(id);
    expect([model, input.durationSeconds]).toEqual([VEO.model, 6]);
    expect(fallback?.tried).toEqual([]);
    expect(fallback?.alternatives).toMatchObject([
      { model: SECOND, provider: "replicate", account: "server", input: { durationSeconds: 6, params: {} } },
      { model: THIRD, provider: "fal", input: { durationSeconds: 5, params: { cfg_scale: 0.7 } } },
    ]);
    expect(fallback?.alternatives.every(({ estimatedCostMicro }) => (estimatedCostMicro ?? 0) > 0)).toBe(true);
  });

  test("a call without one has no such field", async () => {
    expect(await stored(await api.submit())).not.toHaveProperty("fallback");
  });

  test("shares no output with a call that has another fallback, or none", async () => {
    const call = { ...VEO, prompt: "one of a kind", cache: "use" };
    const hashes = await Promise.all(
      [{}, { fallback: [SECOND] }, { fallback: [THIRD] }, { fallback: [SECOND, THIRD] }].map(
        async (fields) => await stored(await api.submit({ ...call, ...fields })),
      ),
    );
    expect(new Set(hashes.map(({ cache }) => cache.hash)).size).toBe(4);
    expect(new Set(hashes.map(({ call }) => call.hash)).size).toBe(4);
    const again = await stored(await api.submit({ ...call, fallback: [{ model: SECOND, params: {} }] }));
    expect(again.cache).toMatchObject({ hash: hashes[1]?.cache.hash, reason: "joined" });
  });

  test("a cached output shows the model that made it", async () => {
    const call = { ...VEO, prompt: "made by another", cache: "use", fallback: [SECOND] };
    const id = await api.submit(call);
    await api.apply(id, fellBack(0));
    await api.complete(id);
    const { body } = await api.generate(call);
    expect(body).toMatchObject({ model: SECOND, provider: "replicate", cache_hit: true, cost: 0 });
  });

  test("keeps the callers' keys of all providers under one seal, and in no answer and no log", async () => {
    const headers = { "x-fal-key": "the-fal-key-of-a-caller", "x-replicate-key": "the-replicate-key-of-a-caller" };
    const id = await api.submit({ ...VEO, fallback: [SECOND] }, headers);
    const record = await stored(id);
    expect(record.fallback?.alternatives.map(({ account }) => account)).toEqual(["caller"]);
    const sealed = await api.deps.store.requests.providerKey(record);
    expect(JSON.parse(api.deps.secrets.decrypt(sealed ?? "", id))).toEqual({
      ...{ fal: headers["x-fal-key"], replicate: headers["x-replicate-key"] },
    });
    const shown = JSON.stringify([record, await receiptOf(id), api.log(), sealed]);
    expect(shown).not.toContain("key-of-a-caller");
  });

  test("a late report about the job of the model before does not give that job to the next one", async () => {
    const id = await api.submit({ ...VEO, fallback: ["fal-ai/veo3/fast"] });
    const at = api.clock.now();
    await api.apply(id, submitIntended({ at }), accepted({ at, attempt: 1, providerRequestId: "job-1" }));
    await api.apply(id, fellBack(1), submitIntended({ at, attempt: 2 }));
    const late = accepted({ at, attempt: 2, providerRequestId: "job-1" });
    expect((await api.deps.store.requests.applyTo(ref(id), late)).kind).toBe("stale");
    expect((await stored(id)).providerRequestId).toBeNull();
  });

  test("is cancelled at once while the next model is not submitted", async () => {
    const id = await api.submit({ ...VEO, fallback: [SECOND] });
    const at = api.clock.now();
    await api.apply(id, submitIntended({ at }), accepted({ at, attempt: 1, providerRequestId: "job-7" }));
    await api.apply(id, fellBack(1));
    await api.call("POST", `/requests/${id}/cancel`);
    expect(await stored(id)).toMatchObject({ status: "failed", failure: { code: "CANCELLED" }, chargeState: "none" });
  });
});

test("the receipt shows every attempt with its model, and what happened to the models before", async () => {
  const id = await api.submit({ ...VEO, fallback: [SECOND, THIRD] });
  const at = api.clock.now();
  const accepted = (attempt: number) =>
    ({ name: "submit_accepted", at, attempt, providerRequestId: `job-of-${attempt}` }) as const;
  await api.apply(id, submitIntended({ at }), { name: "submit_rejected", attempt: 1 });
  await api.apply(id, submitIntended({ at, attempt: 2 }), accepted(2), fellBack(2));
  await api.apply(id, submitIntended({ at, attempt: 3 }), fellBack(3), submitIntended({ at, attempt: 4 }), accepted(4));
  const receipt = await receiptOf(id);
  expect(receipt).toMatchObject({ model: THIRD, provider: "fal", status: "processing", charge_state: "held" });
  expect(receipt.attempts).toMatchObject([
    { attempt: 1, model: VEO.model, outcome: "rejected", provider_request_id: null },
    { attempt: 2, model: VEO.model, outcome: "accepted", provider_request_id: "job-of-2" },
    { attempt: 3, model: SECOND, outcome: "rejected", provider_request_id: null },
    { attempt: 4, model: THIRD, outcome: "accepted", provider_request_id: "job-of-4" },
  ]);
  expect(receipt.tried).toMatchObject([
    { model: VEO.model, attempts: [1, 2], error_code: "PROVIDER_ERROR", charge_state: "released", cost_usd: 0 },
    { model: SECOND, attempts: [3], provider_request_id: null, skipped: false },
  ]);
  const { body } = await api.call("GET", `/requests/${id}?include=timeline`);
  expect(body).toMatchObject({ model: THIRD, provider: "fal", provider_request_id: "job-of-4" });
  const steps = body.timeline.filter(({ name }: { name: string }) => name === "fell_back" || name === "submitted");
  expect(steps).toMatchObject([
    { name: "submitted", attempt: 2, provider_request_id: "job-of-2" },
    { name: "fell_back", model: VEO.model, next_model: SECOND, error_code: "PROVIDER_ERROR" },
    { name: "fell_back", model: SECOND, next_model: THIRD, next_provider: "fal" },
    { name: "submitted", attempt: 4, provider_request_id: "job-of-4" },
  ]);
});

test("a quote lists the price of each model", async () => {
  const { status, body } = await api.call("POST", "/quotes", { body: { ...VEO, fallback: [SECOND, THIRD] } });
  expect(status).toBe(200);
  expect(body.fallback).toMatchObject([
    { model: SECOND, provider: "replicate", mode: "managed", cost_usd: expect.any(Number) },
    { model: THIRD, provider: "fal", duration_seconds: 5 },
  ]);
});

test("GET /providers shows how each account has done, and which models cool down", async () => {
  const { health } = api.deps.store;
  const error = { model: VEO.model, isError: true };
  await health.note("fal", [{ model: VEO.model, isError: false, took: { ms: 90, usualMs: 60 } }], 60_000);
  await health.note("fal", [error, error, error, error, error], 60_000);
  const { status, body } = await api.call("GET", "/providers");
  expect(status).toBe(200);
  expect(body.providers).toMatchObject(
    PROVIDER_NAMES.map((provider) => {
      const times = { p50_latency_ms: 89, p95_latency_ms: 89 };
      const health = { requests: 6, errors: 5, error_rate: 0.833, lateness: 1.5, ...times };
      if (provider === "fal") {
        const cooling_until = new Date(api.clock.now() + 60_000).toISOString();
        return { provider, account: "server", health, models: [{ model: VEO.model, ...health, cooling_until }] };
      }
      const none = { error_rate: null, lateness: null, p50_latency_ms: null, p95_latency_ms: null };
      return { provider, health: { requests: 0, errors: 0, ...none }, models: [] };
    }),
  );
});

test("an entry whose provider has no key is refused as the model of the call would be", async () => {
  const { status, body } = await api.generate({ ...VEO, fallback: ["runway/gen4.5"] }, ASYNC);
  expect([status, body.error, body.details.field]).toEqual([400, "PROVIDER_NOT_CONFIGURED", "fallback.0"]);
});

describe("a route of the catalogue", () => {
  const FAST = "fal-ai/ltx-2.3/text-to-video/fast";
  const routes = new Map(
    (["price", "speed", "order"] as const).map((prefer): [string, ModelRoute] => {
      const models = [VEO.model, FAST, SECOND, "runway/gen4.5"];
      return [`by-${prefer}`, { id: `by-${prefer}`, models, prefer, mediaType: "video" }];
    }),
  );
  let routed: TestApi;
  beforeAll(async () => {
    routed = await startTestApi(server.url, { deps: { catalogue: { ...loadModels(), routes } } });
  });
  afterAll(() => routed.close());

  const modelsOf = async (body: object) => {
    const found = await routed.deps.store.requests.get(ref(await routed.submit({ ...VEO, ...body })));
    return [found?.doc.model, ...(found?.doc.fallback?.alternatives ?? []).map(({ model }) => model)];
  };

  test.each([
    { prefer: "price", models: [FAST, VEO.model, SECOND] },
    { prefer: "order", models: [VEO.model, FAST, SECOND] },
  ])("gives the models that take the call and have a key, by $prefer", async ({ prefer, models }) => {
    expect(await modelsOf({ model: `by-${prefer}`, duration_seconds: 8 })).toEqual(models);
  });

  test("prefers the model with the shortest usual time", async () => {
    const usual = (id: string) => routed.deps.catalogue.get(id)?.usualSeconds ?? 0;
    const models = await modelsOf({ model: "by-speed" });
    expect(models.map((id) => usual(id ?? ""))).toEqual(models.map((id) => usual(id ?? "")).toSorted((a, b) => a - b));
  });

  test("leaves out models that do not take the call, and adds the call's own fallback", async () => {
    const body = { model: "by-order", params: { negative_prompt: "rain" }, fallback: [THIRD, SECOND] };
    expect(await modelsOf(body)).toEqual([VEO.model, SECOND, THIRD]);
  });

  test("is refused with the reason of its first model when none takes the call", async () => {
    const { status, body } = await routed.generate({ ...VEO, model: "by-price", params: { no_such: 1 } }, ASYNC);
    expect([status, body.details.field, body.details.route]).toEqual([422, "params.no_such", "by-price"]);
    expect(body.message).toContain(`No model of by-price takes this call. ${VEO.model}:`);
  });

  test("is refused for images when it makes videos", async () => {
    const { status, body } = await routed.call("POST", "/images/generate", {
      body: { model: "by-price", prompt: "a bird" },
    });
    expect([status, body.details.field]).toEqual([422, "model"]);
  });

  test("is quoted, listed and suggested", async () => {
    const quote = await routed.call("POST", "/quotes", { body: { ...VEO, model: "by-price" } });
    expect(quote.body).toMatchObject({ model: FAST, fallback: [{ model: VEO.model }, { model: SECOND }] });
    const { body } = await routed.call("GET", "/models");
    expect(body.routes.map(({ id }: { id: string }) => id)).toEqual([...routes.keys()]);
    const wrong = await routed.generate({ ...VEO, model: "by-prize" }, ASYNC);
    expect(wrong.body.details.suggestion).toBe("by-price");
  });
});
