import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { decode } from "../../test-support/ffmpeg.js";
import { FRAMES_PER_SECOND, temporaryDir } from "../../test-support/harness.js";
import { type RunwayFixture, startRunway, type TaskWith, TEXT } from "../../test-support/runway.js";

const ORANGE = { r: 230, g: 120, b: 20 };

const orangePicture = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: ORANGE } })
    .png()
    .toBuffer();

async function output({ ended }: RunwayFixture, { id }: { id: string }): Promise<Buffer> {
  const task = (await ended(id)) as TaskWith<"SUCCEEDED">;
  expect(task).toMatchObject({ status: "SUCCEEDED" });
  return Buffer.from(await (await fetch(task.output[0] as string)).arrayBuffer());
}

async function expectOrange(mp4: Buffer): Promise<void> {
  const [r = 0, g = 0, b = 0] = await (await decode(mp4)).frameAt(1);
  expect(Math.abs(r - ORANGE.r) + Math.abs(g - ORANGE.g) + Math.abs(b - ORANGE.b)).toBeLessThan(40);
}

test("text to video: renders a real film of the requested length and ratio", async () => {
  const fixture = await startRunway();
  const task = await fixture.runway.textToVideo.create({ ...TEXT, duration: 3, ratio: "720:1280" });
  expect(await decode(await output(fixture, task))).toMatchObject({
    codec: "h264",
    width: 360,
    height: 640,
    frames: 3 * FRAMES_PER_SECOND,
  });
});

test("image to video: the film shows a picture from a data URI, without a prompt", async () => {
  const fixture = await startRunway();
  const promptImage = `data:image/png;base64,${(await orangePicture(320, 180)).toString("base64")}`;
  const task = await fixture.runway.imageToVideo.create({
    ...{ model: "gen4_turbo", promptImage, ratio: "1584:672", duration: 2 },
  });
  const mp4 = await output(fixture, task);
  expect(await decode(mp4)).toMatchObject({ width: 792, height: 336, frames: 2 * FRAMES_PER_SECOND });
  await expectOrange(mp4);
});

test.each([
  ["1104:832", 552, 416],
  ["832:1104", 416, 552],
] as const)("gen4.5: renders the ratio %s as it is", async (ratio, width, height) => {
  const fixture = await startRunway();
  const promptImage = `data:image/png;base64,${(await orangePicture(64, 64)).toString("base64")}`;
  const task = await fixture.runway.imageToVideo.create({ ...TEXT, ratio, promptImage });
  expect(await decode(await output(fixture, task))).toMatchObject({
    codec: "h264",
    width,
    height,
    frames: 2 * FRAMES_PER_SECOND,
  });
});

test("image to video: the film shows a picture uploaded before a restart", async () => {
  const dataDir = await temporaryDir();
  const first = await startRunway({ dataDir });
  const file = new File([new Uint8Array(await orangePicture(320, 180))], "orange.png", { type: "image/png" });
  const { uri } = await first.runway.uploads.createEphemeral({ file });
  expect(uri).toMatch(/^runway:\/\/./);
  await first.stop();
  const second = await startRunway({ dataDir });
  const veo = { model: "veo3.1_fast", ratio: "1280:720", duration: 4 } as const;
  const promptImage = [{ uri, position: "first" as const }];
  await expectOrange(await output(second, await second.runway.imageToVideo.create({ ...veo, promptImage })));
});

test("storage: takes each announced file once, and no other file", async () => {
  const { call, http } = await startRunway();
  const asked = await call("/v1/uploads", { method: "POST", body: '{"filename":"a.png","type":"ephemeral"}' });
  const { uploadUrl, fields } = (await asked.json()) as { uploadUrl: string; fields: Record<string, string> };
  const send = (key: string) => {
    const body = new FormData();
    body.append("key", key);
    body.append("file", new File(["x"], "a.png"));
    return http(new URL(uploadUrl).pathname, { method: "POST", body, headers: { authorization: "" } });
  };
  expect((await send("another")).status).toBe(403);
  expect((await send(fields["key"] ?? "")).status).toBe(204);
  expect((await send(fields["key"] ?? "")).status).toBe(403);
  expect((await http(new URL(uploadUrl).pathname, { method: "POST", body: "x" })).status).toBe(400);
  expect((await call("/v1/uploads", { method: "POST", body: '{"filename":"a.png"}' })).status).toBe(400);
});

test("image to video: a picture that cannot be fetched or decoded ends in ASSET.INVALID, free of charge", async () => {
  const server = createServer((_, response) => void response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const gone = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gone.png`;
  const { runway, ended } = await startRunway();
  for (const promptImage of ["data:image/png;base64,bm8gcGljdHVyZQ==", gone]) {
    const { id } = await runway.imageToVideo.create({ model: "gen4_turbo", promptImage, ratio: "1280:720" });
    expect(await ended(id)).toEqual({
      ...{ id, createdAt: expect.any(String), status: "FAILED", cost: { credits: 0 } },
      ...{ failure: expect.any(String), failureCode: "ASSET.INVALID" },
    });
  }
});

test("text to image: draws a real picture of the requested size; another seed draws another one", async () => {
  const fixture = await startRunway();
  const picture = { model: "gen4_image", promptText: "fox", ratio: "960:720" } as const;
  const draw = async (seed: number) => output(fixture, await fixture.runway.textToImage.create({ ...picture, seed }));
  const [one, two] = [await draw(1), await draw(2)];
  expect(await sharp(one).metadata()).toMatchObject({ format: "png", width: 960, height: 720 });
  expect(one.equals(two)).toBe(false);
});
