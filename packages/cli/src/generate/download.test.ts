import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener } from "../../../../tests/support/listeners.js";
import { testIo } from "../../test-support/io.js";
import { download } from "./download.js";
import { findTarget } from "./target.js";

const VIDEO = Buffer.alloc(300_000, "video");
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "visgate-download-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const whole: RequestListener = (_request, response) => void response.end(VIDEO);
const answering =
  (status: number): RequestListener =>
  (_request, response) =>
    void response.writeHead(status).end("no");
/** The whole length announced, half of it sent. */
const cut: RequestListener = (_request, response) => {
  response.writeHead(200, { "content-length": VIDEO.length });
  response.write(VIDEO.subarray(0, VIDEO.length / 2), () => response.destroy());
};

async function serve(...answers: RequestListener[]) {
  const listener = await startListener((request, response) => {
    const answer = answers[Math.min(listener.asked.length, answers.length) - 1] ?? whole;
    answer(request, response);
  });
  onTestFinished(listener.close);
  return listener;
}

async function save(url: string, file: string, signal = new AbortController().signal) {
  const io = testIo({ fetch });
  await download(io, url, await findTarget(file), signal);
  return io;
}

test.each([
  { what: "a cut connection", first: cut },
  { what: "a server that is busy", first: answering(503) },
  { what: "an output that is not there yet", first: answering(202) },
])("$what is mended, and nothing is left beside the file", async ({ first }) => {
  const { origin, asked } = await serve(first, whole);
  await save(origin, join(dir, "out.mp4"));
  expect(readFileSync(join(dir, "out.mp4")).equals(VIDEO)).toBe(true);
  expect([readdirSync(dir), asked.length]).toEqual([["out.mp4"], 2]);
});

test("a page in its place is no video: the file of before stays", async () => {
  writeFileSync(join(dir, "out.mp4"), "the one before");
  const page: RequestListener = (_request, response) =>
    void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
  const { origin, asked } = await serve(page);
  await expect(save(origin, join(dir, "out.mp4"))).rejects.toMatchObject({ message: expect.stringContaining(origin) });
  expect([readFileSync(join(dir, "out.mp4"), "utf8"), asked.length]).toEqual(["the one before", 1]);
});

test("Ctrl-C is called by its name", async () => {
  const { origin } = await serve(whole);
  const aborted = AbortSignal.abort();
  await expect(save(origin, join(dir, "out.mp4"), aborted)).rejects.toThrow("was not saved (interrupted)");
});

test("what stays cut leaves the file of before, and tells the address", async () => {
  writeFileSync(join(dir, "out.mp4"), "the one before");
  const { origin, asked } = await serve(cut);
  await expect(save(origin, join(dir, "out.mp4"))).rejects.toMatchObject({
    code: "OUTPUT_NOT_SAVED",
    message: expect.stringContaining(origin),
  });
  expect(readFileSync(join(dir, "out.mp4"), "utf8")).toBe("the one before");
  expect([readdirSync(dir), asked.length]).toEqual([["out.mp4"], 4]);
});

test("an address that is refused is not asked again; a server that is gone is told by its code", async () => {
  const { origin, asked } = await serve(answering(404));
  await expect(save(origin, join(dir, "out.mp4"))).rejects.toThrow("(HTTP 404)");
  expect(asked.length).toBe(1);
  await expect(save(await deadUrl(), join(dir, "out.mp4"))).rejects.toThrow("(ECONNREFUSED)");
});

test("what is stopped leaves nothing", async () => {
  const stop = new AbortController();
  const { origin } = await serve((_request, response) => {
    response.writeHead(200);
    response.write(VIDEO, () => stop.abort());
  });
  await expect(save(origin, join(dir, "out.mp4"), stop.signal)).rejects.toThrow("was not saved");
  expect(readdirSync(dir)).toEqual([]);
});

test("to stdout goes every byte, once", async () => {
  const { origin } = await serve(whole);
  expect((await save(origin, "-")).out()).toBe(VIDEO.toString());
  const twice = await serve(cut, whole);
  await expect(save(twice.origin, "-")).rejects.toThrow("was not saved");
  expect(twice.asked.length).toBe(1);
});

test("a link is kept, and what it leads to is replaced", async () => {
  const { origin } = await serve(whole);
  writeFileSync(join(dir, "real.mp4"), "the one before");
  symlinkSync(join(dir, "real.mp4"), join(dir, "link.mp4"));
  await save(origin, join(dir, "link.mp4"));
  expect(readdirSync(dir)).toEqual(["link.mp4", "real.mp4"]);
  expect(readFileSync(join(dir, "real.mp4")).equals(VIDEO)).toBe(true);
});

test("a pipe is written to, never replaced", async () => {
  const { origin } = await serve(whole);
  execFileSync("mkfifo", [join(dir, "pipe")]);
  const [read] = await Promise.all([readAll(join(dir, "pipe")), save(origin, join(dir, "pipe"))]);
  expect(read.equals(VIDEO)).toBe(true);
  expect(statSync(join(dir, "pipe")).isFIFO()).toBe(true);
  expect(readdirSync(dir)).toEqual(["pipe"]);
});

async function readAll(path: string): Promise<Buffer> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path);
}
