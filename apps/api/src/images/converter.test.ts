import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { heicOf } from "../../../../tests/support/heic.js";
import { createImageConverter } from "./converter.js";

const dir = mkdtempSync(join(tmpdir(), "visgate-convert-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const picture = (width = 64, height = 48) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 30 } } });
const converter = createImageConverter();
const convert = (bytes: Uint8Array, contentType: string) => converter.convert({ bytes, contentType });

async function converted(bytes: Uint8Array, contentType: string) {
  const reply = await convert(bytes, contentType);
  if (reply.kind !== "converted") throw new Error(reply.kind);
  return { ...reply, ...(await sharp(reply.bytes).metadata()) };
}

describe("an image that no provider takes", () => {
  test.each([
    { what: "AVIF", type: "image/avif", bytes: () => picture().avif().toBuffer() },
    { what: "GIF", type: "image/gif", bytes: () => picture().gif().toBuffer() },
    { what: "TIFF", type: "image/tiff", bytes: () => picture().tiff().toBuffer() },
    { what: "CMYK", type: "image/jpeg", bytes: () => picture().toColourspace("cmyk").jpeg().toBuffer() },
    { what: "HEIC", type: "image/heic", bytes: () => heicOf(64, 48) },
  ])("$what becomes a JPEG of the same size and colour", async ({ type, bytes }) => {
    const { contentType, width, height, space, bytes: jpeg } = await converted(await bytes(), type);
    expect([contentType, width, height, space]).toEqual(["image/jpeg", 64, 48, "srgb"]);
    const { channels } = await sharp(jpeg).stats();
    expect(channels.map(({ mean }) => mean > 120)).toEqual([true, false, false]);
  });

  test("one turned by its camera is upright, and has no orientation", async () => {
    const turned = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { width, height, orientation } = await converted(turned, "image/jpeg");
    expect([width, height, orientation ?? 1]).toEqual([48, 64, 1]);
  });

  test("one with transparent parts becomes a PNG", async () => {
    const clear = { width: 20, height: 20, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0.5 } };
    expect(await converted(await sharp({ create: clear }).avif().toBuffer(), "image/avif")).toMatchObject({
      contentType: "image/png",
    });
  });

  test("one that is larger than providers take becomes smaller", async () => {
    const noise = { type: "gaussian" as const, mean: 128, sigma: 60 };
    const large = await sharp({ create: { width: 600, height: 600, channels: 3, background: "teal", noise } })
      .png()
      .toBuffer();
    const small = createImageConverter({ maxBytes: 50_000 });
    const reply = await small.convert({ bytes: large, contentType: "image/png" });
    expect(reply.kind === "converted" && reply.bytes.byteLength < 50_000).toBe(true);
  });
});

test.each(["jpeg", "png", "webp"] as const)("a %s is kept as it is", async (format) => {
  expect(await convert(await picture().toFormat(format).toBuffer(), `image/${format}`)).toEqual({ kind: "kept" });
});

describe("what cannot be converted is refused", () => {
  const refused = { kind: "refused" };

  test("damaged images, and those with too many pixels", async () => {
    const avif = await picture().avif().toBuffer();
    expect(await convert(avif.subarray(0, 150), "image/avif")).toEqual(refused);
    expect(await convert((await heicOf(64, 48)).subarray(0, 400), "image/heic")).toEqual(refused);
    const few = createImageConverter({ maxPixels: 3000 });
    expect(await few.convert({ bytes: avif, contentType: "image/avif" })).toEqual(refused);
    expect(await few.convert({ bytes: await heicOf(64, 48), contentType: "image/heic" })).toEqual(refused);
  });

  test.each([
    { what: "crashes", code: 'process.once("message", () => process.kill(process.pid, "SIGSEGV"));' },
    { what: "hangs", code: 'process.once("message", () => { for (;;); });' },
    { what: "ends without an answer", code: 'process.once("message", () => process.exit(1));' },
  ])("when the process $what, this one goes on", async ({ what, code }) => {
    const entry = join(dir, `${what.replaceAll(" ", "-")}.mjs`);
    writeFileSync(entry, code);
    const own = createImageConverter({ entry, timeMs: 1500 });
    expect(await own.convert({ bytes: Buffer.from("x"), contentType: "image/avif" })).toEqual(refused);
  });

  test("the process does not get the keys of the server", async () => {
    const entry = join(dir, "environment.mjs");
    writeFileSync(
      entry,
      'process.once("message", () => process.send({ kind: "kept", has: Object.keys(process.env) }, () => process.exit()));',
    );
    process.env["FAKE_SECRET"] = "1";
    const reply = await createImageConverter({ entry }).convert({ bytes: Buffer.from("x"), contentType: "" });
    expect((reply as unknown as { has: string[] }).has).not.toContain("FAKE_SECRET");
  });
});
