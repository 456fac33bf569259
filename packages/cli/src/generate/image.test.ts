import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeDataImage } from "../../../shared/src/outputs/data-uri.js";
import { imageUrl } from "./image.js";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "visgate-image-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each(["jpeg", "png", "webp"] as const)(
  "a %s becomes a data: URI that the gateway takes, whatever it is called",
  async (format) => {
    const picture = sharp({ create: { width: 64, height: 36, channels: 3, background: "teal" } });
    const bytes = await picture.toFormat(format).toBuffer();
    const file = join(dir, `${format}.txt`);
    writeFileSync(file, bytes);
    const decoded = await decodeDataImage(await imageUrl(file));
    expect(decoded?.contentType).toBe(`image/${format}`);
    expect(decoded?.bytes.equals(bytes)).toBe(true);
  },
);

test("5 MB are taken, a byte more is not", async () => {
  const largest = Buffer.alloc(5 * 1024 * 1024);
  largest.set([0xff, 0xd8, 0xff]);
  writeFileSync(join(dir, "a.jpg"), largest);
  expect((await imageUrl(join(dir, "a.jpg"))).length).toBeGreaterThan(largest.length);
  writeFileSync(join(dir, "b.jpg"), Buffer.concat([largest, Buffer.alloc(1)]));
  await expect(imageUrl(join(dir, "b.jpg"))).rejects.toThrow("the limit is 5 MB");
});

test("an https URL is passed on; an empty file is no image", async () => {
  expect(await imageUrl("https://example.com/a.jpg?b=1")).toBe("https://example.com/a.jpg?b=1");
  writeFileSync(join(dir, "empty.png"), "");
  await expect(imageUrl(join(dir, "empty.png"))).rejects.toThrow("neither");
});
