import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeDataMedia } from "../../../shared/src/outputs/data-uri.js";
import { imageUrl, readPrompt } from "./inputs.js";

describe("readPrompt", () => {
  const read = (...chunks: Uint8Array[]) => readPrompt({ stdin: () => Readable.from(chunks) });

  test("returns the text on stdin without the last line end, also when it comes byte by byte", async () => {
    const bytes = Buffer.from("ein Vögelchen\nüber dem Meer\r\n");
    expect(await read(...Array.from(bytes, (byte) => Buffer.from([byte])))).toBe("ein Vögelchen\nüber dem Meer");
  });

  test.each(["", "\n", " \r\n\t"])("refuses %j as empty", async (text) => {
    await expect(read(Buffer.from(text))).rejects.toThrow("stdin is empty");
  });

  test("refuses bytes that are not UTF-8 text", async () => {
    await expect(read(Buffer.from([0x89, 0x50, 0x4e, 0x47]))).rejects.toThrow("not text");
  });

  test("stops reading an endless stdin", async () => {
    let chunks = 0;
    async function* endless() {
      for (; chunks < 1000; chunks += 1) yield Buffer.alloc(10_000, "a");
    }
    await expect(readPrompt({ stdin: endless })).rejects.toThrow("10,000 characters");
    expect(chunks).toBeLessThan(20);
  });
});

describe("imageUrl", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "visgate-image-"));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each(["jpeg", "png", "webp"] as const)(
    "turns a %s file into a data: URI that the gateway accepts, whatever the file's name",
    async (format) => {
      const picture = sharp({ create: { width: 64, height: 36, channels: 3, background: "teal" } });
      const bytes = await picture.toFormat(format).toBuffer();
      const file = join(dir, `${format}.txt`);
      writeFileSync(file, bytes);
      const { file: decoded } = await decodeDataMedia(await imageUrl(file), "image");
      expect(decoded?.contentType).toBe(`image/${format}`);
      expect(decoded?.bytes.equals(bytes)).toBe(true);
    },
  );

  test("accepts 5 MB, and refuses one byte more", async () => {
    const largest = Buffer.alloc(5 * 1024 * 1024);
    largest.set([0xff, 0xd8, 0xff]);
    writeFileSync(join(dir, "a.jpg"), largest);
    expect((await imageUrl(join(dir, "a.jpg"))).length).toBeGreaterThan(largest.length);
    writeFileSync(join(dir, "b.jpg"), Buffer.concat([largest, Buffer.alloc(1)]));
    await expect(imageUrl(join(dir, "b.jpg"))).rejects.toThrow("the limit is 5 MB");
  });

  test("passes on the file URL of a gateway, also over http", async () => {
    const url = "http://127.0.0.1:8787/api/v1/files/default/018f/0?expires=1&signature=x";
    expect(await imageUrl(url)).toBe(url);
    await expect(imageUrl("http://example.com/?x=/api/v1/files/a/b/0")).rejects.toThrow("https URL or a file");
  });

  test("passes on an https URL", async () => {
    expect(await imageUrl("https://example.com/a.jpg?b=1")).toBe("https://example.com/a.jpg?b=1");
  });

  test("refuses an empty file", async () => {
    writeFileSync(join(dir, "empty.png"), "");
    await expect(imageUrl(join(dir, "empty.png"))).rejects.toThrow("not a JPEG, PNG or WebP");
  });
});
