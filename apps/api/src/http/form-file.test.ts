import { VisgateError } from "@visgate/shared/errors";
import { expect, test } from "vitest";
import { readFormFile } from "./form-file.js";
import type { Ctx } from "./route.js";

const text = (value: string) => Buffer.from(value);
const HEAD = text('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n');

/** A call whose body arrives chunk by chunk, as `body` yields them. */
function callWith(body: () => AsyncGenerator<Uint8Array>): Ctx {
  const headers: Record<string, string> = { "content-type": "multipart/form-data; boundary=b" };
  const stream = ReadableStream.from(body());
  return { req: { header: (name: string) => headers[name], raw: { body: stream } } } as unknown as Ctx;
}

test("readFormFile: passes the bytes on while they arrive", async () => {
  let seen = 0;
  let atEnd = 0;
  const c = callWith(async function* () {
    yield HEAD;
    for (let count = 0; count < 50; count += 1) yield Buffer.alloc(100_000, 1);
    atEnd = seen;
    yield text("\r\n--b--\r\n");
  });
  const received = await readFormFile(c, { field: "file", maxBytes: 1e9 }, async (content) => {
    for await (const chunk of content) seen += chunk.byteLength;
    return seen;
  });
  expect(received).toBe(5_000_000);
  expect(atEnd).toBeGreaterThan(4_000_000);
});

test("readFormFile: stops reading when the receiver fails, and passes on its error", async () => {
  let sent = 0;
  const c = callWith(async function* () {
    yield HEAD;
    for (; sent < 1000; sent += 1) yield Buffer.alloc(100_000, 1);
  });
  const failing = readFormFile(c, { field: "file", maxBytes: 1e9 }, async () => {
    throw new VisgateError("UNAVAILABLE", "no room");
  });
  await expect(failing).rejects.toThrow("no room");
  expect(sent).toBeLessThan(100);
});

test("readFormFile: a body that breaks off fails the receiver too", async () => {
  const c = callWith(async function* () {
    yield HEAD;
    yield Buffer.alloc(1000);
    throw new Error("the caller hung up");
  });
  let fault: unknown;
  const reading = readFormFile(c, { field: "file", maxBytes: 1e9 }, async (content) => {
    try {
      for await (const _ of content);
    } catch (error) {
      fault = error;
      throw error;
    }
  });
  await expect(reading).rejects.toThrow("The body was cut off.");
  expect(fault).toBeInstanceOf(VisgateError);
});
