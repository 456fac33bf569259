import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { decode } from "../../test-support/ffmpeg.js";
import {
  type Fixture,
  FLUX,
  FRAMES_PER_SECOND,
  KLING,
  KLING_IMAGE,
  SHORT,
  start,
  until,
  VEO,
  VEO_IMAGE,
} from "../../test-support/harness.js";

/** These tests check the rendering itself. */
const UNCACHED = { renderCacheDir: undefined };

const QUADRANTS = {
  topLeft: [220, 30, 30],
  topRight: [30, 200, 40],
  bottomLeft: [30, 50, 220],
  bottomRight: [230, 220, 40],
};

async function quadrants(width: number, height: number, format: "jpeg" | "png" | "webp"): Promise<Buffer> {
  const { topLeft, topRight, bottomLeft, bottomRight } = QUADRANTS;
  const pixels = [...topLeft, ...topRight, ...bottomLeft, ...bottomRight];
  return sharp(Uint8Array.from(pixels), { raw: { width: 2, height: 2, channels: 3 } })
    .resize(width, height, { kernel: "nearest", fit: "fill" })
    .toFormat(format)
    .toBuffer();
}

async function output(fixture: Fixture, endpoint: string, input: object): Promise<Buffer> {
  const { data } = await fixture.fal.subscribe(endpoint, { input, pollInterval: 20 });
  const { video, images } = data as { video?: { url: string }; images?: { url: string }[] };
  const response = await fetch(video?.url ?? images?.[0]?.url ?? "");
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

const FILMS: [endpoint: string, input: object, seconds: number, size: [number, number]][] = [
  [VEO, { duration: "6s" }, 6, [640, 360]],
  [VEO, { duration: "4s", aspect_ratio: "9:16" }, 4, [360, 640]],
  [KLING, { aspect_ratio: "1:1" }, 5, [480, 480]],
];

test.each(FILMS)("%s %j: renders a real H.264 film of %s s", async (endpoint, input, seconds, [width, height]) => {
  const fixture = await start({ ...UNCACHED, framesPerSecond: undefined });
  const film = await decode(await output(fixture, endpoint, { prompt: "waves at dusk", ...input }));
  expect(film).toMatchObject({ codec: "h264", width, height, frames: seconds * 24 });
  expect(Math.abs(film.seconds - seconds)).toBeLessThan(0.1);
  const [early, late] = [await film.frameAt(0.5), await film.frameAt(seconds - 0.5)];
  expect(early.equals(late)).toBe(false);
});

test("caption: shows the prompt in white on a dark band", async () => {
  const fixture = await start(UNCACHED);
  const band = async (prompt: string): Promise<Buffer> => {
    const film = await decode(await output(fixture, VEO, { prompt, duration: "4s" }));
    return (await film.frameAt(2)).subarray(640 * 300 * 3);
  };
  const first = await band("HHHHHHHHHHHHHHHHHHHH");
  const white = first.filter((value) => value > 200).length / first.length;
  const dark = first.filter((value) => value < 90).length / first.length;
  expect(white).toBeGreaterThan(0.04);
  expect(dark).toBeGreaterThan(0.6);
  const sparse = await band("....................");
  expect(sparse.filter((value) => value > 200).length).toBeLessThan(first.length * white * 0.5);
});

function expectQuadrants(frame: Buffer, width: number, height: number): void {
  const colourAt = (x: number, y: number): number[] => {
    const at = (Math.round(y * height) * width + Math.round(x * width)) * 3;
    return [...frame.subarray(at, at + 3)];
  };
  const near = (actual: number[], wanted: number[]) =>
    actual.forEach((value, i) => {
      expect(Math.abs(value - (wanted[i] as number)), `${actual} is not ${wanted}`).toBeLessThan(40);
    });
  near(colourAt(0.1, 0.2), QUADRANTS.topLeft);
  near(colourAt(0.9, 0.2), QUADRANTS.topRight);
  near(colourAt(0.1, 0.7), QUADRANTS.bottomLeft);
  near(colourAt(0.9, 0.7), QUADRANTS.bottomRight);
}

test.each(["jpeg", "png", "webp"] as const)(
  "image to video: the film shows a %s from a data URI without an image type",
  async (format) => {
    const fixture = await start(UNCACHED);
    const image = await quadrants(800, 450, format);
    const imageUrl = `data:application/octet-stream;base64,${image.toString("base64")}`;
    const film = await decode(await output(fixture, VEO_IMAGE, { ...SHORT, prompt: "pan", image_url: imageUrl }));
    expectQuadrants(await film.frameAt(2), film.width, film.height);
  },
);

test("image to video: fetches a picture by its address; the film takes the nearest shape", async () => {
  const image = await quadrants(300, 540, "png");
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/portrait.txt" ? 200 : 404, { "content-type": "text/plain" }).end(image);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const fixture = await start(UNCACHED);
  const film = await decode(await output(fixture, KLING_IMAGE, { prompt: "up", image_url: `${base}/portrait.txt` }));
  expect(film).toMatchObject({ width: 360, height: 640 });
  expectQuadrants(await film.frameAt(2.5), film.width, film.height);

  await expect(output(fixture, KLING_IMAGE, { prompt: "up", image_url: `${base}/gone` })).rejects.toMatchObject({
    ...{ status: 422, body: { detail: [{ type: "file_download_error", loc: ["body", "image_url"] }] } },
  });
});

test("image to video: bytes that are not a picture end in image_load_error", async () => {
  const fixture = await start(UNCACHED);
  const input = { ...SHORT, image_url: "data:image/png;base64,bm8gcGljdHVyZQ==" };
  await expect(output(fixture, VEO_IMAGE, input)).rejects.toMatchObject({
    ...{ status: 422, body: { detail: [{ type: "image_load_error" }] } },
  });
});

test("pictures: have the requested size and are billed by the megapixel", async () => {
  const fixture = await start(UNCACHED);
  const input = {
    prompt: "fox",
    image_size: { width: 501, height: 333 },
    num_images: 2,
    seed: 7,
    output_format: "png" as const,
  };
  const { data, requestId } = await fixture.fal.subscribe(FLUX, { input, pollInterval: 20 });
  expect(data).toMatchObject({ seed: 7, prompt: "fox", has_nsfw_concepts: [false, false] });
  const raw = await fixture.http(`/fal/fal-ai/flux/requests/${requestId}`);
  expect(raw.headers.get("x-fal-billable-units")).toBe("2");
  const [first, second] = await Promise.all(
    data.images.map(async ({ url }: { url: string }) => Buffer.from(await (await fetch(url)).arrayBuffer())),
  );
  expect(await sharp(first).metadata()).toMatchObject({ format: "png", width: 501, height: 333 });
  expect(first?.equals(second as Buffer)).toBe(false);

  const jpeg = await output(fixture, FLUX, { prompt: "fox" });
  expect(await sharp(jpeg).metadata()).toMatchObject({ format: "jpeg", width: 1024, height: 768 });
});

test("renders: 200 equal jobs at once share one", async () => {
  const { fal, stats, dataDir, requests } = await start(UNCACHED);
  await Promise.all(Array.from({ length: 200 }, () => fal.queue.submit(VEO, { input: SHORT })));
  await until(async () => (await stats()).jobs.completed === 200);
  expect(await stats()).toMatchObject({ submits: 200, jobs: { completed: 200, failed: 0 } });
  expect(new Set((await requests()).map(({ provider_request_id: id }) => id)).size).toBe(200);
  expect(await readdir(join(dataDir, "media"))).toHaveLength(1);
});

test("renders: the smallest picture and the longest prompt are drawn", async () => {
  const fixture = await start(UNCACHED);
  const tiny = await output(fixture, FLUX, { prompt: "two words", image_size: { width: 1, height: 9 } });
  expect(await sharp(tiny).metadata()).toMatchObject({ width: 1, height: 9 });
  const film = await decode(await output(fixture, VEO, { prompt: "Füße 日本 🎬 ".repeat(2000), duration: "4s" }));
  expect(film.frames).toBe(4 * FRAMES_PER_SECOND);
});
