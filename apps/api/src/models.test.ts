import { gunzipSync } from "node:zlib";
import { modelsAnswer, modelView } from "@visgate/shared/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { useTestApi, VEO } from "../../../tests/support/api.js";

const { api } = useTestApi();
beforeAll(async () => {
  await api.submit({ model: "fal-ai/veo3.1", prompt: "x" });
  await api.submit({ model: "fal-ai/veo3.1", prompt: "x" });
  await api.submit(VEO);
});

const strictModel = z.strictObject(modelView.shape);
const strictAnswer = z.strictObject({ ...modelsAnswer.shape, models: z.array(strictModel) });
const list = async (query = "", options = {}) => {
  const { status, body } = await api.call("GET", `/models${query}`, { key: null, ...options });
  expect(status).toBe(200);
  return strictAnswer.parse(body);
};
const ids = async (query: string) => (await list(query)).models.map(({ id }) => id);
const all = async () => (await list()).models;

describe("GET /models", () => {
  test("lists the whole catalogue by name, without an API key", async () => {
    const { models, total_count, last_updated } = await list();
    expect(models.map(({ id }) => id).toSorted()).toEqual([...api.deps.catalogue.keys()].toSorted());
    expect(total_count).toBe(models.length);
    const names = models.map(({ name }) => name);
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b)));
    expect(models.length).toBeGreaterThanOrEqual(20);
    expect(last_updated).toBe(
      models
        .map((model) => model.last_synced_at)
        .toSorted()
        .at(-1),
    );
  });

  test("If-None-Match: 304 as long as nothing has changed", async () => {
    for (const query of ["?sort=cost", "?sort=cost&dialect=replicate"]) {
      const ask = (etag: string) =>
        api.call("GET", `/models${query}`, { key: null, headers: etag === "" ? {} : { "if-none-match": etag } });
      const first = await ask("");
      const etag = first.headers.get("etag") ?? "";
      expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
      for (const known of [etag, etag.slice("W/".length), `"another", ${etag}`]) {
        const again = await ask(known);
        expect([again.status, again.bytes.length, again.headers.get("etag")]).toEqual([304, 0, etag]);
      }
      expect((await ask('"another"')).status).toBe(200);
    }
  });

  test.each([
    { takes: "gzip, deflate, br", gets: "gzip" },
    { takes: "br;q=1.0, GZIP;q=0.5", gets: "gzip" },
    { takes: "gzip;q=0", gets: null },
    { takes: "gzip; q=0.000, identity", gets: null },
    { takes: "identity", gets: null },
    { takes: "", gets: null },
  ])("a caller who takes '$takes' gets the list and the document in the form $gets", async ({ takes, gets }) => {
    for (const path of ["/models", "/openapi.json"]) {
      const plain = await api.call("GET", path, { key: null });
      const { headers, bytes } = await api.call("GET", path, { key: null, headers: { "accept-encoding": takes } });
      expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([gets, "Accept-Encoding"]);
      expect((gets === null ? bytes : gunzipSync(bytes)).equals(plain.bytes)).toBe(true);
      expect(headers.get("etag")).toBe(plain.headers.get("etag"));
      if (gets !== null) expect(bytes.length).toBeLessThan(plain.bytes.length / 5);
    }
  });

  test("dialect: adds what a dialect calls each model, which is a name that it takes", async () => {
    const { models } = await list("?dialect=replicate");
    const byId = new Map(models.map(({ id, dialect_name }) => [id, dialect_name]));
    expect([byId.get("replicate/google/veo-3"), byId.get("fal-ai/veo3")]).toEqual(["google/veo-3", "fal-ai/veo3"]);
    const { status, body } = await api.call("GET", "/models?dialect=latin", { key: null });
    expect([status, body.details.field, body.details.allowed]).toEqual([
      422,
      "dialect",
      expect.arrayContaining(["replicate"]),
    ]);
  });

  test.each(["Bearer vg-wrong-key-0123456789", "Bearer", "Basic abc", "nonsense"])(
    "ignores a wrong key: %s",
    async (authorization) => {
      expect((await list("", { headers: { authorization } })).models.length).toBeGreaterThan(0);
      const one = await api.call("GET", "/models/fal-ai/veo3", { key: null, headers: { authorization } });
      expect(one.status).toBe(200);
    },
  );

  test.each([
    { query: "provider=fal", of: (model: { provider: string }) => model.provider === "fal" },
    { query: "provider=replicate", of: (model: { provider: string }) => model.provider === "replicate" },
    { query: "provider=runway", of: (model: { provider: string }) => model.provider === "runway" },
    { query: "media_type=image", of: (model: { media_type: string }) => model.media_type === "image" },
    { query: "media_type=video", of: (model: { media_type: string }) => model.media_type === "video" },
    {
      query: "capability=image-to-video",
      of: (model: { capabilities: string[] }) => model.capabilities.includes("image-to-video"),
    },
    { query: "search=KLING", of: (model: { id: string }) => model.id.includes("kling") },
    { query: "search=schnell", of: (model: { id: string }) => model.id.includes("schnell") },
    { query: "search=replicate%20%20VEO", of: (model: { id: string }) => model.id.startsWith("replicate/google/veo") },
    { query: "search=%20", of: () => true },
    {
      query: "provider=runway&media_type=video&capability=text-to-video",
      of: (model: { provider: string; capabilities: string[] }) =>
        model.provider === "runway" && model.capabilities.includes("text-to-video"),
    },
  ])("?$query lists the models that match, and no others", async ({ query, of }) => {
    const expected = (await all()).filter(of).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    expect(await ids(`?${query}`)).toEqual(expected);
  });

  test.each([
    "provider=nobody",
    "capability=none",
    "search=zzzz",
    "search=veo%20flux",
    "provider=fal&media_type=image&capability=text-to-video",
  ])("?%s finds nothing", async (query) => {
    expect(await list(`?${query}`)).toMatchObject({ models: [], total_count: 0 });
  });

  test("does not take the search as a pattern", async () => {
    expect(await ids("?search=.*")).toEqual([]);
    expect((await ids("?search=veo3.1"))[0]).toBe("fal-ai/veo3.1");
  });

  test("sorts by cost (models of unknown cost last), age and popularity", async () => {
    const costs = (await list("?sort=cost")).models.map((model) =>
      model.base_cost_micro === 0 ? Number.POSITIVE_INFINITY : model.base_cost_micro,
    );
    expect(costs).toEqual(costs.toSorted((a, b) => a - b || 0));
    const firstSeen = (await list("?sort=newest")).models.map((model) => model.first_seen_at);
    expect(firstSeen).toEqual(firstSeen.toSorted().toReversed());
    const popular = (await list("?sort=popular")).models;
    const unused = popular.slice(2).map(({ name }) => name);
    expect(unused).toEqual(unused.toSorted((a, b) => a.localeCompare(b)));
    expect(popular.slice(0, 3).map(({ id, run_count }) => [id, run_count])).toEqual([
      ["fal-ai/veo3.1", 2],
      ["fal-ai/veo3", 1],
      [popular[2]?.id, 0],
    ]);
  });

  test("limit shortens the list, but not the count", async () => {
    const { models, total_count } = await list("?limit=2");
    expect([models.length, total_count]).toEqual([2, (await all()).length]);
    const runway = await list("?provider=runway&limit=1&sort=cost");
    const { models: allOfRunway } = await list("?provider=runway");
    expect([runway.models.map(({ id }) => id), runway.total_count]).toEqual([
      ["runway/muse_image"],
      allOfRunway.length,
    ]);
  });

  test.each(["", "&provider=fal&limit=2", "&search=kling", "&sort=cost&media_type=video"])(
    "featured=true leaves the list whole: ?featured=true%s",
    async (others) => {
      const { models, total_count, featured } = await list(`?featured=true${others}`);
      const plain = await list(`?${others.slice(1)}`);
      expect(models.map(({ id }) => id)).toEqual(plain.models.map(({ id }) => id));
      expect([total_count, featured.length]).toEqual([plain.total_count, 3]);
    },
  );

  test("the featured models are always there, in groups beside the list", async () => {
    const featured = [...api.deps.catalogue.values()].filter((model) => model.featured).map(({ id }) => id);
    const { featured: groups } = await list("?search=kling");
    expect(groups.map(({ title, key }) => [title, key])).toEqual([
      ["Video", "video"],
      ["Image to video", "image-to-video"],
      ["Images", "image"],
    ]);
    const grouped = groups.map(({ models }) => models.map(({ id }) => id));
    expect([...new Set(grouped.flat())].toSorted()).toEqual(featured.toSorted());
    expect(grouped[0]).toEqual(expect.arrayContaining(["fal-ai/veo3", "replicate/google/veo-3"]));
    expect(grouped[1]).toEqual(expect.arrayContaining(["fal-ai/veo3", "runway/gen4_turbo"]));
    expect(grouped[2]).toContain("fal-ai/flux/schnell");
  });

  test.each([
    { query: "sort=best", field: "sort" },
    { query: "media_type=audio", field: "media_type" },
    { query: "limit=0", field: "limit" },
    { query: "limit=many", field: "limit" },
    { query: "limit=1.5", field: "limit" },
    { query: "featured=maybe", field: "featured" },
    { query: `search=${"x".repeat(201)}`, field: "search" },
  ])("?$query is a 422 that names the field", async ({ query, field }) => {
    const { status, body } = await api.call("GET", `/models?${query}`, { key: null });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
    expect(body.details.allowed).toBeDefined();
  });
});

describe("GET /models/{id}", () => {
  test("shows the limits, params and prices that a caller needs", async () => {
    const { status, body } = await api.call("GET", "/models/fal-ai/veo3", { key: null });
    expect(status).toBe(200);
    expect(strictModel.parse(body)).toMatchObject({
      id: "fal-ai/veo3",
      provider: "fal",
      media_type: "video",
      capabilities: ["text-to-video", "image-to-video"],
      input_types: ["text", "image"],
      output_type: "video",
      base_cost_micro: 2_400_000,
      normalized_cost_micro: 400_000,
      pricing_unit: "second",
      run_count: 1,
      first_seen_at: "2025-05-29T00:00:00.000Z",
      limits: {
        durations_seconds: [4, 6, 8],
        aspect_ratios: ["16:9", "9:16"],
        resolutions: ["720p", "1080p"],
        image_input: "optional",
        inputs: [{ role: "first", required: false, max: 1 }],
        negative_prompt: true,
      },
      pricing: "$0.20 per second, $0.40 with audio",
      price: { unit: "second", micro: 200_000, when: [{ params: { generate_audio: true }, micro: 400_000 }] },
      params: {
        text: { aspect_ratio: { default: "16:9" }, seed: { type: "integer", min: 0, max: 2 ** 32 - 1 } },
        image: { aspect_ratio: { default: "auto" } },
      },
    });
  });

  test.each([
    {
      id: "runway/gen4_turbo",
      body: {
        capabilities: ["image-to-video"],
        base_cost_micro: 250_000,
        normalized_cost_micro: 50_000,
        pricing_unit: "second",
        limits: {
          durations_seconds: [2, 3, 4, 5, 6, 7, 8, 9, 10],
          aspect_ratios: ["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"],
          resolutions: [],
          image_input: "required",
        },
      },
    },
    {
      id: "replicate/black-forest-labs/flux-1.1-pro",
      body: {
        capabilities: ["text-to-image"],
        input_types: ["text"],
        base_cost_micro: 40_000,
        normalized_cost_micro: 40_000,
        pricing_unit: "image",
        limits: { durations_seconds: [], image_input: "none" },
      },
    },
    {
      id: "fal-ai/veo3.1",
      body: {
        capabilities: [
          ...["text-to-video", "image-to-video", "first-last-frame-to-video", "reference-to-video", "video-to-video"],
        ],
        input_types: ["text", "image", "video"],
        params: { reference: { aspect_ratio: { default: "16:9" } }, video: { aspect_ratio: { default: "auto" } } },
      },
    },
    {
      id: "runway/aleph2",
      body: {
        capabilities: ["video-to-video"],
        input_types: ["text", "video"],
        base_cost_micro: 0,
        normalized_cost_micro: 280_000,
        limits: { image_input: "none", inputs: [{ role: "video", required: true, max: 1 }] },
      },
    },
  ])("shows models of every provider in the same form: $id", async ({ id, body }) => {
    expect(strictModel.parse((await api.call("GET", `/models/${id}`, { key: null })).body)).toMatchObject(body);
  });

  test.each([
    { id: "fal-ai/veo3/image-to-video", image_input: "required" },
    { id: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", image_input: "none" },
    { id: "fal-ai/flux/schnell", image_input: "none" },
  ])("takes an id with slashes: $id ($image_input image)", async ({ id, image_input }) => {
    const { status, body } = await api.call("GET", `/models/${id}`, { key: null });
    expect([status, body.id, body.limits.image_input]).toEqual([200, id, image_input]);
  });

  test("shows every model of the list, and shows it the same way", async () => {
    for (const model of await all()) {
      const { body } = await api.call("GET", `/models/${model.id}`, { key: null });
      expect(body).toEqual(model);
    }
  });

  test.each(["nope", "fal-ai", "fal-ai/veo3/", "fal-ai/veo9", "__proto__", "constructor"])(
    "%s is a 404",
    async (id) => {
      const { status, body } = await api.call("GET", `/models/${id}`, { key: null });
      expect(status).toBe(404);
      expect(["MODEL_NOT_FOUND", "NOT_FOUND"]).toContain(body.error);
    },
  );
});
