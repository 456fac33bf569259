/** `npm run demo`: with its own stack, and with a stack that already runs. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, it } from "vitest";
import { interrupt, launch, runScript } from "../support/launcher.js";
import { probe } from "../support/video.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "visgate-demo-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function demo(...args: string[]): Promise<{ code: number | null; output: string }> {
  const env = { SIMULATOR_RENDER_SECONDS: "1" };
  const script = runScript("demo.mjs", [...args, "--data-dir", join(dir, "data"), "--out", join(dir, "out.mp4")], env);
  return { code: await script.exited, output: script.output() };
}

it("demo: starts its own stack, saves an MP4, prints the cost and the verified webhook, and stops it", async () => {
  const { code, output } = await demo("a bird flying over the sea");
  expect(output).toMatch(/Cost +\$0\.90/);
  expect(output).toMatch(/Webhook +received, signature verified/);
  expect(output).toMatch(/Time +accepted 0 s → .* → completed .* → webhook/);
  expect(code).toBe(0);
  expect(await probe(readFileSync(join(dir, "out.mp4")))).toMatchObject({ codec: "h264" });
});

it("demo: uses a running stack, and animates an image", async () => {
  const stack = await launch(join(dir, "data"));
  const image = join(dir, "photo.png");
  await sharp({ create: { width: 320, height: 180, channels: 3, background: "#205080" } })
    .png()
    .toFile(image);
  const { code, output } = await demo("a calm sea", "--image", image, "--duration", "4");
  expect(output).toMatch(/Webhook +received, signature verified/);
  expect(code).toBe(0);
  expect(await probe(readFileSync(join(dir, "out.mp4")))).toMatchObject({ codec: "h264" });
  expect((await stack.simulator.submits()).map((submit) => submit.endpoint)).toEqual([
    "fal-ai/veo3.1/fast/image-to-video",
  ]);
  expect(await interrupt(stack)).toBe(0);
});

it("demo: explains a missing prompt and an unknown model", async () => {
  expect(await demo()).toMatchObject({ code: 2, output: expect.stringContaining("Say what to show") });
  const unknown = await demo("a bird", "--model", "no/such-model");
  expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining("MODEL_NOT_FOUND") });
});
