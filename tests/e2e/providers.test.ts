/** The same call to all providers: only the name of the model differs. */
import { PROVIDER_NAMES } from "@visgate/providers";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageResult, quickImageResult } from "../../packages/shared/src/contract/image.js";
import { videoResult } from "../../packages/shared/src/contract/video.js";
import { photo } from "../support/photo.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { gridAt, gridOf, probe } from "../support/video.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack();
});
afterAll(() => test.stop());

const CALL = { prompt: "a bird flying over the sea", duration_seconds: 5 };
const download = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

describe("the same call with another model", () => {
  it.concurrent.each([
    { model: "fal-ai/veo3", from: "text", seconds: 6, cost: 2.4 },
    { model: "fal-ai/veo3", from: "an image", seconds: 6, cost: 2.4 },
    { model: "replicate/google/veo-3", from: "text", seconds: 6, cost: 2.4 },
    { model: "replicate/google/veo-3", from: "an image", seconds: 6, cost: 2.4 },
    { model: "runway/gen4_turbo", from: "an image", seconds: 5, cost: 0.25 },
    { model: "runway/gen4.5", from: "text", seconds: 5, cost: 0.6 },
    // Its price is not known.
    { model: "openai-videos/sim-video", from: "text", seconds: 5, cost: 0 },
    { model: "openai-videos/sim-video", from: "an image", seconds: 5, cost: 0 },
  ])("$model from $from: a playable MP4 of $seconds s for $$cost", async ({ model, from, seconds, cost }) => {
    const image_url = from === "text" ? null : await photo(40_000);
    const answer = await test.caller.generate({ ...CALL, model, image_url });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(videoResult.parse(answer.body)).toMatchObject({ model, cost, duration_seconds: seconds });
    const media = await download(answer.body.video_url);
    const video = await probe(media);
    expect(video.codec).toBe("h264");
    expect(Math.abs(video.seconds - seconds)).toBeLessThan(0.2);
    if (image_url === null) return;
    const grid = { columns: 1, rows: 1 };
    const wanted = await gridOf(Buffer.from(image_url.slice(image_url.indexOf(",") + 1), "base64"), grid);
    const [shown] = await gridAt(media, 2, grid);
    const gaps = (wanted[0] ?? []).map((value, channel) => Math.abs((shown?.[channel] ?? -999) - value));
    expect(Math.max(...gaps), "the video shows the image").toBeLessThan(60);
  });

  it.concurrent.each([
    { model: "replicate/google/veo-3", bytes: 300_000, uploaded: /^http.*\/v1\/files\// },
    { model: "runway/gen4_turbo", bytes: 4_200_000, uploaded: /^runway:\/\// },
  ])(
    "$model: an image of $bytes bytes is uploaded with the provider's file API",
    async ({ model, bytes, uploaded }) => {
      const prompt = `a large photo for ${model}`;
      const answer = await test.caller.generate({ ...CALL, prompt, model, image_url: await photo(bytes) });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      const submit = (await test.simulator.submits()).find(({ body }) => JSON.stringify(body).includes(prompt));
      const { promptImage, input } = (submit?.body ?? {}) as { promptImage?: string; input?: { image: string } };
      expect(promptImage ?? input?.image).toMatch(uploaded);
    },
  );

  it("a model that needs an image: answers 422 when image_url is missing", async () => {
    const answer = await test.caller.generate({ ...CALL, model: "runway/gen4_turbo" });
    expect([answer.status, answer.body.error]).toEqual([422, "VALIDATION_ERROR"]);
    expect(answer.body.details).toEqual({ field: "image_url", allowed: "required" });
  });
});

describe("images", () => {
  const size = async (url: string) => {
    const { width, height } = await sharp(await download(url)).metadata();
    return { width, height };
  };

  it.concurrent.each([
    { model: "fal-ai/flux/schnell", num_images: 2 },
    { model: "replicate/black-forest-labs/flux-schnell", num_images: 2 },
    { model: "runway/gen4_image", num_images: 1 },
  ])("$model: returns $num_images images of the requested size", async ({ model, num_images }) => {
    const body = { model, prompt: "a lighthouse", num_images };
    const answer = await test.caller.call("POST", "/images/generate?include_steps=true", { body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const result = imageResult.parse(answer.body);
    expect(result.images).toHaveLength(num_images);
    for (const url of result.images) expect(await size(url)).toEqual({ width: 1024, height: 1024 });
    expect(result.output_size_bytes).toBe((await download(result.images[0] ?? "")).byteLength);
    const total = result.steps?.reduce((sum, { ms }) => sum + ms, 0);
    expect(total).toBe(result.latency_ms);
  });

  it("POST /generate: needs only a prompt", async () => {
    const answer = await test.caller.call("POST", "/generate", { body: { prompt: "a lighthouse" } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const result = quickImageResult.parse(answer.body);
    expect(result).toMatchObject({ model: "fal-ai/flux/schnell", cost_per_megapixel_usd: 0.003 });
    expect(await size(result.image_url)).toEqual(result.resolution);
  });
});

describe("accounts", () => {
  it("balances: has credits for Runway, and for the others only that the key is accepted", async () => {
    const { body } = await test.caller.call("GET", "/providers/balances");
    const runway = { currency: "credits", remaining: expect.any(Number) };
    expect(body.balances).toMatchObject(
      PROVIDER_NAMES.map((provider) => ({
        ...{ provider, configured: true, available: true },
        ...(provider === "runway" ? runway : {}),
      })),
    );
  });

  it.each(PROVIDER_NAMES)("validate: asks %s whether it accepts the key", async (provider) => {
    const validate = async (api_key: string) =>
      (await test.caller.call("POST", "/providers/validate", { body: { provider, api_key } })).body.valid;
    expect([await validate("a-good-key"), await validate("invalid")]).toEqual([true, false]);
  });
});
