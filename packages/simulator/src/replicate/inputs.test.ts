import sharp from "sharp";
import { expect, test } from "vitest";
import { decode } from "../../test-support/ffmpeg.js";
import { FRAMES_PER_SECOND } from "../../test-support/harness.js";
import { INPUT, KLING, type ReplicateFixture, SCHNELL, startReplicate, VEO } from "../../test-support/replicate.js";

const DEV = "black-forest-labs/flux-dev";
const PRO = "black-forest-labs/flux-1.1-pro";

async function output({ replicate, ended }: ReplicateFixture, model: `${string}/${string}`, input: object) {
  const { id } = await replicate.predictions.create({ model, input });
  const done = await ended(id);
  expect(done).toMatchObject({ status: "succeeded", error: null });
  const addresses = [done.output].flat() as string[];
  const files = await Promise.all(addresses.map(async (url) => Buffer.from(await (await fetch(url)).arrayBuffer())));
  return { output: done.output as unknown, files };
}

const picture = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: "#c03020" } })
    .png()
    .toBuffer();

const BAD_INPUTS: [model: string, input: object, field: string, type: string][] = [
  [VEO, {}, "input", "required"],
  [VEO, { prompt: 5 }, "input.prompt", "invalid_type"],
  [VEO, { prompt: "x", duration: 5 }, "input.duration", "enum"],
  [VEO, { prompt: "x", duration: "8" }, "input.duration", "enum"],
  [VEO, { prompt: "x", duration: "8s" }, "input.duration", "enum"],
  [VEO, { prompt: "x", aspect_ratio: "1:1" }, "input.aspect_ratio", "enum"],
  [VEO, { prompt: "x", generate_audio: "yes" }, "input.generate_audio", "invalid_type"],
  [VEO, { prompt: "x", seed: 1.5 }, "input.seed", "invalid_type"],
  ["google/veo-3.1", { prompt: "x", last_frame: 1 }, "input.last_frame", "invalid_type"],
  [KLING, { prompt: "x", duration: 8 }, "input.duration", "enum"],
  [SCHNELL, { prompt: "x", num_outputs: 5 }, "input.num_outputs", "number_lte"],
  [SCHNELL, { prompt: "x", output_format: "jpeg" }, "input.output_format", "enum"],
  [SCHNELL, { prompt: "x", megapixels: 1 }, "input.megapixels", "enum"],
  [SCHNELL, { prompt: "x", aspect_ratio: "custom" }, "input.aspect_ratio", "enum"],
  [PRO, { prompt: "x", aspect_ratio: "custom", width: 100 }, "input.width", "number_gte"],
];

test.each(BAD_INPUTS)("validation: %s %j is refused with a 422 about %s", async (model, input, field, type) => {
  const { call, requests } = await startReplicate();
  const response = await call(`/models/${model}/predictions`, { method: "POST", body: JSON.stringify({ input }) });
  expect([response.status, response.headers.get("content-type")]).toEqual([422, "application/problem+json"]);
  const body = (await response.json()) as { detail: string };
  expect(body).toMatchObject({ title: "Input validation failed", status: 422, invalid_fields: [{ field, type }] });
  expect(body.detail).toMatch(/^- input.*: .+\n$/);
  expect((await requests())[0]).toMatchObject({ endpoint: model, outcome: "rejected: input" });
});

test("validation: a data URI of more than 256 KB is refused", async () => {
  const { submit } = await startReplicate();
  const ofLength = async (length: number) => {
    const head = "data:image/png;base64,";
    return (await submit({ ...INPUT, image: head + "A".repeat(length - head.length) })).status;
  };
  expect([await ofLength(256 * 1024), await ofLength(256 * 1024 + 1)]).toEqual([201, 422]);
});

test("veo: the output is one address of a film with the requested duration and shape", async () => {
  const fixture = await startReplicate();
  const veo = await output(fixture, VEO, { prompt: "x", duration: 4, aspect_ratio: "9:16" });
  expect(veo.output).toMatch(/\/media\/replicate\/.*\.mp4$/);
  expect(await decode(veo.files[0] as Buffer)).toMatchObject({
    codec: "h264",
    width: 360,
    height: 640,
    frames: 4 * FRAMES_PER_SECOND,
  });
});

test("image to video: Kling takes the shape of the picture, Veo the requested ratio", async () => {
  const fixture = await startReplicate();
  const image = `data:image/png;base64,${(await picture(300, 300)).toString("base64")}`;
  const kling = await output(fixture, KLING, { prompt: "x", start_image: image, aspect_ratio: "16:9" });
  expect(await decode(kling.files[0] as Buffer)).toMatchObject({
    width: 480,
    height: 480,
    frames: 5 * FRAMES_PER_SECOND,
  });
  const veo = await output(fixture, VEO, { ...INPUT, image });
  const film = await decode(veo.files[0] as Buffer);
  expect(film).toMatchObject({ width: 640, height: 360 });
  const [red = 0, green = 0] = await film.frameAt(1);
  expect(red - green).toBeGreaterThan(80);
});

test.each([
  [SCHNELL, { aspect_ratio: "16:9", megapixels: "0.25", output_format: "png" }, "png", 688, 384],
  [SCHNELL, {}, "webp", 1024, 1024],
  [DEV, { aspect_ratio: "2:3", output_format: "jpg" }, "jpeg", 832, 1248],
  [PRO, { aspect_ratio: "custom", width: 500, height: 256, output_format: "png" }, "png", 496, 256],
] as const)("pictures: %s %j draws a %s of %s x %s", async (model, input, format, width, height) => {
  const fixture = await startReplicate();
  const { files } = await output(fixture, model, { prompt: "fox", ...input });
  expect(await sharp(files[0]).metadata()).toMatchObject({ format, width, height });
});

test("pictures: flux-schnell and flux-dev answer a list, flux-1.1-pro one address", async () => {
  const fixture = await startReplicate();
  const list = await output(fixture, SCHNELL, { prompt: "fox", num_outputs: 3, seed: 7, megapixels: "0.25" });
  expect(list.output).toHaveLength(3);
  expect(list.files[0]?.equals(list.files[1] as Buffer)).toBe(false);
  expect((await output(fixture, DEV, { prompt: "fox", megapixels: "0.25" })).output).toHaveLength(1);
  expect((await output(fixture, PRO, { prompt: "fox" })).output).toEqual(expect.any(String));
});

test("files: a file uploaded by the client is described, served and can be used as a picture", async () => {
  const fixture = await startReplicate();
  const { replicate, call, stats } = fixture;
  const bytes = await picture(200, 200);
  const file = await replicate.files.create(new Blob([new Uint8Array(bytes)], { type: "image/png" }), { from: "test" });
  expect(file).toMatchObject({
    ...{ content_type: "image/png", size: bytes.byteLength, metadata: { from: "test" } },
    urls: { get: `${fixture.url}/replicate/v1/files/${file.id}` },
  });
  expect(await replicate.files.get(file.id)).toEqual(file);
  const whole = await call(`/files/${file.id}/download`);
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  const film = await output(fixture, KLING, { prompt: "x", start_image: file.urls.get });
  expect(await decode(film.files[0] as Buffer)).toMatchObject({ width: 480, height: 480 });
  expect((await stats()).uploads).toBe(1);
  expect((await call("/files/none")).status).toBe(404);
});

test("files: the client uploads a picture in an input by itself", async () => {
  const fixture = await startReplicate();
  const start_image = new Blob([new Uint8Array(await picture(200, 360))], { type: "image/png" });
  const film = await output(fixture, KLING, { prompt: "x", start_image });
  expect(await decode(film.files[0] as Buffer)).toMatchObject({ width: 360, height: 640 });
});

test("image to video: a picture that cannot be fetched or decoded fails the prediction", async () => {
  const { replicate, ended, url } = await startReplicate();
  const failed = async (image: string) => {
    const { id } = await replicate.predictions.create({ model: VEO, input: { ...INPUT, image } });
    return ended(id);
  };
  expect(await failed(`${url}/media/none`)).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/could not download/),
  });
  expect(await failed("data:text/plain,hello")).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/not a JPEG/),
  });
});
