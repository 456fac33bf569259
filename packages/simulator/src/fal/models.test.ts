import sharp from "sharp";
import { expect, test } from "vitest";
import { decode } from "../../test-support/ffmpeg.js";
import { type Fixture, SHORT, start, VEO_IMAGE } from "../../test-support/harness.js";

const KLING3 = "fal-ai/kling-video/v3/pro/text-to-video";
const KLING3_IMAGE = "fal-ai/kling-video/v3/pro/image-to-video";
const KLING_STANDARD = "fal-ai/kling-video/v2.5-turbo/standard/image-to-video";
const SEEDANCE = "fal-ai/bytedance/seedance/v1.5/pro/text-to-video";
const SCHNELL = "fal-ai/flux/schnell";
const DEV = "fal-ai/flux/dev";
const PRO = "fal-ai/flux-pro/v1.1";
const STABLE = "fal-ai/stable-diffusion-v3-medium";
const SEEDREAM = "fal-ai/bytedance/seedream/v4/text-to-image";

/** The billable units of a submit; or the field that is wrong, and the units. */
async function billed({ fal, http, finished }: Fixture, endpoint: string, input: object): Promise<string | null> {
  const { request_id: id } = await fal.queue.submit(endpoint, { input });
  await finished(endpoint, id);
  const result = await http(`/fal/${endpoint.split("/").slice(0, 2).join("/")}/requests/${id}`);
  if (result.ok) return result.headers.get("x-fal-billable-units");
  const { detail } = (await result.json()) as { detail: { loc: string[] }[] };
  return `${detail[0]?.loc[1]}, ${result.headers.get("x-fal-billable-units")}`;
}

const square = (side: number) => ({ image_size: { width: side, height: side } });

test.each([
  [KLING3, { duration: "3" }, "3"],
  [KLING3, { duration: "16" }, "duration, 0"],
  [KLING3, { duration: 5 }, "duration, 0"],
  [KLING3, { generate_audio: "no" }, "generate_audio, 0"],
  [KLING3_IMAGE, { image_url: "data:," }, "start_image_url, 0"],
  [KLING_STANDARD, {}, "image_url, 0"],
  [SEEDANCE, { duration: "4" }, "86.4"],
  [SEEDANCE, { resolution: "480p", aspect_ratio: "1:1" }, "48"],
  [SEEDANCE, { resolution: "1080p", aspect_ratio: "21:9" }, "244.55578125"],
  [SCHNELL, square(1024), "1"],
  [SCHNELL, { image_size: { width: 1025, height: 1024 }, num_images: 2 }, "4"],
  [DEV, { image_size: "square_hd" }, "1"],
  [DEV, { guidance_scale: 30 }, "guidance_scale, 0"],
  [PRO, { ...square(512), safety_tolerance: "6" }, "1"],
  [PRO, { safety_tolerance: 2 }, "safety_tolerance, 0"],
  [STABLE, { ...square(2048), num_images: 2, negative_prompt: "rain" }, "2"],
  [STABLE, { negative_prompt: ["rain"] }, "negative_prompt, 0"],
  [SEEDREAM, { ...square(960), num_images: 2 }, "2"],
  [SEEDREAM, square(959), "image_size, 0"],
] as const)("%s %j: the bill, or the refused field and the bill: %s", async (endpoint, input, expected) => {
  expect(await billed(await start(), endpoint, { prompt: "x", ...input })).toBe(expected);
});

test("billing: a prompt that is refused early costs nothing", async () => {
  const { fal, http, finished, settings } = await start();
  await settings({ render_seconds: 60, queue_seconds: 0 });
  const { request_id: id } = await fal.queue.submit(KLING3, { input: { prompt: "a content policy test" } });
  await finished(KLING3, id);
  const result = await http(`/fal/fal-ai/kling-video/requests/${id}`);
  expect([result.status, result.headers.get("x-fal-billable-units")]).toEqual([422, "0"]);
});

test("uploads: a file uploaded by the client is served and can be used as a picture", async () => {
  const { fal, finished, stats } = await start();
  const bytes = await sharp({ create: { width: 90, height: 160, channels: 3, background: "#c03020" } })
    .png()
    .toBuffer();
  const url = await fal.storage.upload(new File([new Uint8Array(bytes)], "red one.png", { type: "image/png" }));
  const served = await fetch(url);
  expect([served.status, served.headers.get("content-type")]).toEqual([200, "image/png"]);
  expect(Buffer.from(await served.arrayBuffer()).equals(bytes)).toBe(true);
  const { request_id: requestId } = await fal.queue.submit(VEO_IMAGE, { input: { ...SHORT, image_url: url } });
  await finished(VEO_IMAGE, requestId);
  const { data } = await fal.queue.result(VEO_IMAGE, { requestId });
  const film = await decode(Buffer.from(await (await fetch(data.video.url)).arrayBuffer()));
  expect(film).toMatchObject({ width: 360, height: 640 });
  expect((await stats()).uploads).toBe(1);
  expect((await fetch(url.replace(/[\da-f]{8}-/, "00000000-"))).status).toBe(404);
});
