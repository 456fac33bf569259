import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readPrompt } from "./prompt.js";

const read = (...chunks: Uint8Array[]) => readPrompt({ stdin: () => Readable.from(chunks) });

test("is the text on stdin, without the line end, however it is cut", async () => {
  const bytes = Buffer.from("ein Vögelchen\nüber dem Meer\r\n");
  expect(await read(...Array.from(bytes, (byte) => Buffer.from([byte])))).toBe("ein Vögelchen\nüber dem Meer");
});

test.each(["", "\n", " \r\n\t"])("'%j' is none", async (text) => {
  await expect(read(Buffer.from(text))).rejects.toThrow("stdin is empty");
});

test("bytes that are no text are none", async () => {
  await expect(read(Buffer.from([0x89, 0x50, 0x4e, 0x47]))).rejects.toThrow("not text");
});

test("what has no end is not read on", async () => {
  let chunks = 0;
  async function* endless() {
    for (; chunks < 1000; chunks += 1) yield Buffer.alloc(10_000, "a");
  }
  await expect(readPrompt({ stdin: endless })).rejects.toThrow("10,000 characters");
  expect(chunks).toBeLessThan(20);
});
