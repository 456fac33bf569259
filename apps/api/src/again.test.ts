/** POST /requests/{id}/again: the same call as a new request. */
import { loadModels } from "@visgate/providers";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ADMIN_KEY,
  ASYNC,
  OTHER_KEY,
  ref,
  startTestApi,
  type TestApi,
  useTestApi,
  VEO,
} from "../../../tests/support/api.js";
import { failure, submitIntended, T0 } from "../../../tests/support/records.js";
import { until } from "../../../tests/support/until.js";

const SECOND = "replicate/google/veo-3";
const THIRD = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";

/** Another API process with the same Redis. */
let other: TestApi;
let large: Buffer;
const { server, api } = useTestApi();
beforeAll(async () => {
  other = await startTestApi(server.url, { deps: { outputs: api.deps.outputs } });
  const noise = { type: "gaussian", mean: 9, sigma: 60 } as const;
  large = await sharp({ create: { width: 300, height: 300, channels: 3, background: "teal", noise } })
    .png()
    .toBuffer();
});
afterAll(() => other.close());

const again = (id: string, headers: Record<string, string> = ASYNC, on: TestApi = api) =>
  on.call("POST", `/requests/${id}/again`, { headers });
async function newIdOf(id: string, headers?: Record<string, string>): Promise<string> {
  const { status, body } = await again(id, headers);
  expect([status, body.message]).toEqual([202, undefined]);
  return body.request_id;
}
async function recordOf(id: string) {
  const doc = (await api.deps.store.requests.get(ref(id)))?.doc;
  if (doc === undefined) throw new Error("not stored");
  return doc;
}
const openCount = () => api.deps.store.maintenance.openCount();
const dataUri = () => `data:image/png;base64,${large.toString("base64")}`;

describe("the new request", () => {
  test.each([
    { what: "a plain call", body: { ...VEO } },
    {
      what: "a call with everything",
      body: {
        ...{ ...VEO, model: "fal-ai/veo3.1", duration_seconds: 7, params: { generate_audio: false, seed: 7 } },
        ...{ image_url: "https://images.example.com/a.png", callback_id: "c", metadata: { a: "b" } },
        ...{ webhook_url: "https://example.com/hook", deadline_seconds: 77, priority: "low" },
        fallback: [SECOND.replace("veo-3", "veo-3.1")].slice(1),
      },
    },
    {
      what: "params that the catalogue does not know",
      body: { ...VEO, params: { camera: "left" }, params_unchecked: true },
    },
    { what: "a call without a copy of its output", body: { ...VEO, skip_gcs_upload: true } },
  ])("$what: has all that the first one had", async ({ body }) => {
    const { fallback = [], ...rest } = body as { fallback?: string[] };
    const first = await recordOf(await api.submit({ ...rest, ...(fallback.length === 0 ? {} : { fallback }) }));
    const second = await recordOf(await newIdOf(first.id));
    expect(second.id).not.toBe(first.id);
    const own = { id: second.id, createdAt: second.createdAt, deadlineAt: second.deadlineAt, call: second.call };
    expect(second).toEqual({ ...first, ...own, cache: second.cache });
    expect(second.deadlineAt - second.createdAt).toBe(first.deadlineAt - first.createdAt);
  });

  test("images: has their size, their number, and no size when the first one had none", async () => {
    for (const more of [{ width: 512, height: 768, num_images: 3 }, {}, { params: { image_size: "square" } }]) {
      const body = { model: "fal-ai/flux/schnell", prompt: "a boat", cache: "off", ...more };
      const { id } = (await api.call("POST", "/images/generate", { body, headers: ASYNC })).body;
      const [first, second] = [await recordOf(id), await recordOf(await newIdOf(id))];
      expect(second.input).toEqual(first.input);
    }
  });

  test("a call with a fallback: begins with its first model, also after that one has failed", async () => {
    const fallback = [SECOND, { model: THIRD, params: { cfg_scale: 0.7 } }];
    const params = { generate_audio: false };
    const id = await api.submit({ ...VEO, duration_seconds: 5, params, fallback: [{ model: SECOND }, fallback[1]] });
    const first = await recordOf(id);
    await api.apply(id, { name: "fell_back", at: api.clock.now(), attempt: 0, failure: failure() });
    const second = await recordOf(await newIdOf(id));
    expect([second.model, second.input, second.estimatedCostMicro]).toEqual([
      ...[first.model, first.input, first.estimatedCostMicro],
    ]);
    expect(second.fallback).toEqual(first.fallback);
  });

  test("is a new generation when the cache has the output, and is not cached when the first one was not", async () => {
    const id = await api.submit({ ...VEO, prompt: "cached", cache: "use" });
    await api.complete(id);
    expect((await recordOf(await newIdOf(id))).cache.reason).toBe("refreshed");
    expect((await recordOf(await newIdOf(await api.submit()))).cache.reason).toBe("off");
  });

  test("its inputs are copies: either request can be erased", async () => {
    const id = await api.submit({ ...VEO, image_url: dataUri() });
    const second = await newIdOf(id);
    const third = await newIdOf(second);
    for (const erased of [second, id]) {
      await api.fail(erased);
      expect((await api.call("DELETE", `/requests/${erased}`)).status).toBe(200);
    }
    const { image_url: url } = (await api.call("GET", `/requests/${third}`)).body.input;
    expect((await api.call("GET", url, { key: null })).bytes.equals(large)).toBe(true);
  });
});

describe("the answer", () => {
  test("without Prefer: the 200 of a video, or of images", async () => {
    const { status, body } = await completed(await api.submit());
    expect([status, body.video_url.length > 0]).toEqual([200, true]);
    const image = { model: "fal-ai/flux/schnell", prompt: "a boat", cache: "off" };
    const { id } = (await api.call("POST", "/images/generate", { body: image, headers: ASYNC })).body;
    expect((await completed(id)).body.images).toHaveLength(1);
  });

  /** The answer of a waiting call, whose request is completed meanwhile. */
  async function completed(id: string) {
    api.clock.advance(10);
    const before = await openCount();
    const waiting = again(id, {});
    await until("the call to be accepted", async () => (await openCount()) > before);
    const [newest] = (await api.call("GET", "/requests?limit=1")).body.requests;
    await api.complete(newest.id);
    return waiting;
  }

  test.each([
    { what: "an unknown id", id: async () => "018f0000-0000-7000-8000-000000000000" },
    { what: "a text that is no id", id: async () => "x" },
    {
      what: "an erased request",
      id: async () => {
        const erased = await api.submit();
        await api.fail(erased);
        await api.call("DELETE", `/requests/${erased}`);
        return erased;
      },
    },
  ])("$what: 404", async ({ id }) => {
    const { status, body } = await again(await id());
    expect([status, body.error]).toEqual([404, "REQUEST_NOT_FOUND"]);
  });

  test("the request of another organization: 404", async () => {
    const { status } = await api.call("POST", `/requests/${await api.submit()}/again`, {
      key: OTHER_KEY,
      headers: ASYNC,
    });
    expect(status).toBe(404);
  });

  test("a model that left the catalogue: 404 that names it", async () => {
    const id = await api.submit();
    const { routes, ...models } = loadModels();
    const catalogue = { ...models, routes, get: (name: string) => (name === VEO.model ? undefined : models.get(name)) };
    const newer = await startTestApi(server.url, { deps: { catalogue } });
    const { status, body } = await again(id, ASYNC, newer);
    expect([status, body.error, body.message.includes(VEO.model)]).toEqual([404, "MODEL_NOT_FOUND", true]);
    await newer.close();
  });

  test("a budget without room: 402, and nothing is accepted", async () => {
    const id = await api.submit();
    const budget = { subject: "organization", period: "month", limit_usd: 0.01 };
    await api.call("PUT", "/budgets", { body: budget });
    const before = await openCount();
    const { status, body } = await again(id);
    await api.call("DELETE", "/budgets?subject=organization&period=month");
    expect([status, body.error, await openCount()]).toEqual([402, "BUDGET_EXCEEDED", before]);
  });
});

describe("a request of another key", () => {
  const keyWith = async (...scopes: string[]) =>
    (await api.call("POST", "/api-keys", { body: { name: scopes.join(), scopes } })).body.key as string;

  test("is neither shown with its prompt nor made again for a key that may only generate", async () => {
    const id = await api.submit();
    const key = await keyWith("generate");
    const { body } = await api.call("GET", `/requests/${id}`, { key });
    expect([body.id, body.input]).toEqual([id, undefined]);
    const timeline = await api.call("GET", `/requests/${id}?include=timeline`, { key });
    expect([timeline.body.id, timeline.body.input]).toEqual([id, undefined]);
    expect((await api.call("POST", `/requests/${id}/again`, { key, headers: ASYNC })).status).toBe(404);
    const own = (await api.call("POST", "/videos/generate", { key, headers: ASYNC, body: VEO })).body.id;
    expect((await api.call("GET", `/requests/${own}`, { key })).body.input.prompt).toBe(VEO.prompt);
    expect((await api.call("POST", `/requests/${own}/again`, { key, headers: ASYNC })).status).toBe(202);
  });

  test("is shown and made again for one that may read too", async () => {
    const id = await api.submit();
    const key = await keyWith("generate", "read");
    expect((await api.call("GET", `/requests/${id}`, { key })).body.input.prompt).toBe(VEO.prompt);
    expect((await api.call("POST", `/requests/${id}/again`, { key, headers: ASYNC })).status).toBe(202);
  });
});

test("what the caller has paid with its own provider key is not paid by the server: that key is needed again", async () => {
  const own = { "x-fal-key": "the-callers-own" };
  const id = await api.submit(VEO, own);
  const before = await openCount();
  const { status, body } = await again(id);
  expect([status, body.error, await openCount()]).toEqual([400, "PROVIDER_NOT_CONFIGURED", before]);
  expect((await again(id, { ...ASYNC, ...own })).status).toBe(202);
});

describe("a repeated call", () => {
  test("without a key, while the first one is in flight: is the same request, from every process", async () => {
    const id = await api.submit();
    const first = await newIdOf(id);
    for (const one of [api, other]) {
      const { status, body } = await again(id, ASYNC, one);
      expect([status, body.id, body.cache_reason]).toEqual([202, first, "unsettled"]);
    }
    await api.apply(first, submitIntended({ at: api.clock.now() }));
    expect((await again(id)).body.id).toBe(first);
  });

  test("100 at the same time without a key: one request", async () => {
    const id = await api.submit();
    const before = await openCount();
    const calls = Array.from({ length: 100 }, (_, at) => again(id, ASYNC, at % 2 === 0 ? api : other));
    expect(new Set((await Promise.all(calls)).map(({ body }) => body.id)).size).toBe(1);
    expect(await openCount()).toBe(before + 1);
  });

  test("after an answer that was cut: is the same request", async () => {
    const id = await api.submit();
    const before = await openCount();
    const cut = new AbortController();
    const lost = api.call("POST", `/requests/${id}/again`, { signal: cut.signal }).catch(() => null);
    await until("the call to be accepted", async () => (await openCount()) > before);
    cut.abort();
    await lost;
    const { body } = await again(id);
    expect([body.cache_reason, await openCount()]).toEqual(["unsettled", before + 1]);
  });

  test("after the first one has completed: is the same request until its caller has seen the end", async () => {
    const id = await api.submit();
    const first = await newIdOf(id);
    await api.complete(first);
    expect((await again(id)).body.id).toBe(first);
    expect((await api.call("GET", `/requests/${first}`)).body.status).toBe("completed");
    await until("the end to be noted", async () => {
      const { call } = await recordOf(first);
      return (await api.redis.zscore(api.deps.store.keys.unsettled("default", call.hash), first)) === null;
    });
    expect(await newIdOf(id)).not.toBe(first);
  });

  test("another key that reads the end of the first one does not speak for its caller", async () => {
    const key = (await api.call("POST", "/api-keys", { body: { name: "the console" } })).body.key;
    const id = await api.submit();
    const first = await newIdOf(id);
    await api.complete(first);
    expect((await api.call("GET", `/requests/${first}`, { key })).body.status).toBe("completed");
    expect((await again(id)).body.id).toBe(first);
  });

  test("while nobody knows whether the first one is billed: is the same request", async () => {
    const id = await api.submit();
    const first = await newIdOf(id);
    const lost = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 120_000, submitEnded: true } as const;
    await api.apply(first, submitIntended({ at: T0 }), lost);
    expect((await again(id)).body.id).toBe(first);
  });

  test("is no repetition of the first call, nor of another request with the same content", async () => {
    const [one, twin] = [await api.submit(), await api.submit()];
    const made = [await newIdOf(one), await newIdOf(twin)];
    const [first = ""] = made;
    const ofFirst = await newIdOf(first);
    expect(new Set([one, twin, ...made, ofFirst]).size).toBe(5);
  });

  test("with a key: the same request, also after it has ended; with a new key: a new one", async () => {
    const id = await api.submit();
    const key = { ...ASYNC, "idempotency-key": "again-1" };
    const first = await newIdOf(id, key);
    await api.fail(first);
    const replayed = await again(id, key);
    expect([replayed.body.id, replayed.headers.get("idempotency-replayed")]).toEqual([first, "true"]);
    expect(await newIdOf(id, { ...ASYNC, "idempotency-key": "again-2" })).not.toBe(first);
  });

  test("a key of another call: 409", async () => {
    const key = { ...ASYNC, "idempotency-key": "of another call" };
    const id = await api.submit(VEO, key);
    const { status, body } = await again(id, key);
    expect([status, body.error]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
  });
});

test("a call that repeats one in flight does not count against a rate limit", async () => {
  const id = await api.submit();
  const first = await newIdOf(id);
  const headers = { "x-visgate-admin-key": ADMIN_KEY };
  const limit = (requests_per_minute: number | null) =>
    api.call("PATCH", "/admin/organizations/default", { key: null, headers, body: { requests_per_minute } });
  await limit(1);
  api.clock.advance(1000);
  const answers = [await again(id), await again(id)];
  await limit(null);
  api.clock.advance(1000);
  expect(answers.map(({ body }) => body.id)).toEqual([first, first]);
});
