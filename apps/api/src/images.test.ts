import { imageResult, quickImageResult } from "@visgate/shared/contract";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ASYNC, ref, useTestApi } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";

/** Not cached, so that two submits are two requests. */
const FLUX = { cache: "off", model: "fal-ai/flux/schnell", prompt: "a lighthouse" } as const;
const LISTED = { ...FLUX, model: "replicate/black-forest-labs/flux-schnell" } as const;
const { api } = useTestApi();

const images = (body: object, headers: Record<string, string> = ASYNC, query = "") =>
  api.call("POST", `/images/generate${query}`, { body, headers });
const accepted = async (body: object) => {
  const answer = await images(body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return (await api.deps.store.requests.get(ref(answer.body.request_id)))?.doc;
};

/** Makes a sync call, completes its request, and returns the answer. */
async function held(path: string, body: object) {
  const before = new Set(await openIds());
  const answer = api.call("POST", path, { body });
  const id = await until("it to be accepted", async () => (await openIds()).find((one) => !before.has(one)));
  await api.complete(id, Buffer.from("a picture"));
  return { id, answer: await answer };
}
const openIds = () => api.redis.zrangebyscore(api.deps.store.keys.openRequests("default"), "-inf", "+inf");

describe("POST /images/generate", () => {
  test("defaults to one image of 1024 x 1024", async () => {
    expect(await accepted(FLUX)).toMatchObject({
      mediaType: "image",
      endpoint: "fal-ai/flux/schnell",
      input: { size: { width: 1024, height: 1024 }, count: 1, durationSeconds: null, params: {} },
      estimatedCostMicro: 3000,
    });
  });

  test("takes size, count, seed and params, at the top or inside params", async () => {
    const wanted = { size: { width: 512, height: 768 }, count: 3, params: { seed: 7 } };
    expect((await accepted({ ...FLUX, width: 512, height: 768, num_images: 3, seed: 7 }))?.input).toMatchObject(wanted);
    const params = { width: 512, height: 768, num_images: 3, seed: 7 };
    expect((await accepted({ ...FLUX, params }))?.input).toMatchObject(wanted);
  });

  test("ignores the default size that clients always send, beside a size in the provider's own params", async () => {
    const record = await accepted({ ...FLUX, width: 1024, height: 1024, image_size: "square" });
    expect(record?.input).toMatchObject({ size: null, params: { image_size: "square" } });
  });

  test("takes null as not given", async () => {
    const body = { ...FLUX, seed: null, negative_prompt: null, width: null, num_images: null, params: { seed: null } };
    expect((await accepted(body))?.input).toMatchObject({ count: 1, params: {} });
  });

  test("gives a negative prompt to each model that takes one, as GET /models says, and is a 422 for the others", async () => {
    const { models } = (await api.call("GET", "/models?media_type=image")).body;
    const ownKeys = { ...ASYNC, "x-runway-key": "a-key-of-the-caller" };
    const taken: string[] = [];
    for (const { id, limits, params } of models) {
      expect(limits.negative_prompt).toBe("negative_prompt" in params.text);
      for (const more of [{ negative_prompt: "rain" }, { params: { negative_prompt: "rain" } }]) {
        const { status, body } = await images({ ...FLUX, model: id, ...more }, ownKeys);
        expect([id, status], JSON.stringify(body)).toEqual([id, limits.negative_prompt ? 202 : 422]);
        const record = status === 202 ? (await api.deps.store.requests.get(ref(body.request_id)))?.doc : undefined;
        if (status === 202) expect(record?.input.params).toEqual({ negative_prompt: "rain" });
        else expect(body.details.field).toMatch(/negative_prompt$/);
      }
      if (limits.negative_prompt) taken.push(id);
    }
    expect(taken.length).toBeGreaterThanOrEqual(2);
    expect(taken.length).toBeLessThan(models.length);
  });

  test("answers with the images, and with steps when asked", async () => {
    const { id, answer } = await held("/images/generate?include_steps=true", FLUX);
    expect(answer.status).toBe(200);
    const result = z.strictObject(imageResult.shape).parse(answer.body);
    expect(result).toMatchObject({ id, model: FLUX.model, provider: "fal", mode: "managed", cache_hit: false });
    expect(result.images).toEqual([expect.stringContaining(`/api/v1/files/default/${id}/0`)]);
    expect(result).toMatchObject({ output_storage: "gateway.test", output_size_bytes: 9 });
    expect(result.steps).toEqual([
      { name: "cache", ms: 0 },
      { name: "provider", ms: 1000 },
      { name: "storage", ms: 500 },
    ]);
  });

  test.each([
    { body: { ...FLUX, prompt: "" }, field: "prompt" },
    { body: { ...FLUX, width: 0 }, field: "width" },
    { body: { ...FLUX, width: 12.5 }, field: "width" },
    { body: { ...FLUX, width: 8000, height: 8000 }, field: "width" },
    { body: { ...FLUX, num_images: 0 }, field: "num_images" },
    { body: { ...FLUX, num_images: 5 }, field: "num_images" },
    { body: { ...FLUX, params: { num_images: "2" } }, field: "params.num_images" },
    { body: { ...FLUX, num_images: 2, params: { num_images: 2 } }, field: "num_images" },
    { body: { ...FLUX, seed: "x" }, field: "seed" },
    { body: { ...FLUX, negative_prompt: "rain" }, field: "negative_prompt" },
    { body: { ...FLUX, no_such_param: 1 }, field: "no_such_param" },
    { body: { ...FLUX, width: 512, height: 512, image_size: "square" }, field: "width" },
    { body: { ...LISTED, width: 1000, height: 3000 }, field: "width" },
    { body: { ...FLUX, image_url: "https://images.example.com/a.jpg" }, field: "image_url" },
    { body: { ...FLUX, model: "fal-ai/veo3" }, field: "model" },
  ])("answers $body with a 422 that names $field", async ({ body, field }) => {
    const before = await api.traces();
    const answer = await images(body);
    expect([answer.status, answer.body.error, answer.body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
    expect(await api.traces()).toEqual(before);
  });

  test("takes only true or false for include_steps", async () => {
    const answer = await images(FLUX, ASYNC, "?include_steps=yes");
    expect([answer.status, answer.body.details.field]).toEqual([422, "include_steps"]);
  });

  test("returns the same request for the same Idempotency-Key and body", async () => {
    const key = { ...ASYNC, "idempotency-key": "images-1" };
    const first = await images(FLUX, key);
    const again = await images(FLUX, key);
    expect(again.body.request_id).toBe(first.body.request_id);
    expect((await images({ ...FLUX, seed: 1 }, key)).status).toBe(409);
  });
});

describe("POST /generate", () => {
  test("needs only a prompt", async () => {
    const { id, answer } = await held("/generate", { prompt: "a lighthouse", cache: "off" });
    expect(z.strictObject(quickImageResult.shape).parse(answer.body)).toMatchObject({
      ...{ id, model: FLUX.model, provider: "fal", mode: "managed" },
      image_url: answer.body.images[0],
      cost_per_megapixel_usd: 0.003,
      resolution: { width: 1024, height: 1024 },
    });
  });

  test.each([
    { model: FLUX.model, params: { image_size: "landscape_16_9" }, size: { width: 1024, height: 576 } },
    { model: LISTED.model, params: { aspect_ratio: "16:9" }, size: { width: 1344, height: 768 } },
  ])("answers with the size that $params asked $model for", async ({ model, params, size }) => {
    const { answer } = await held("/generate", { prompt: "x", model, params, cache: "off" });
    expect(answer.body.resolution).toEqual(size);
  });
});
