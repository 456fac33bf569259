import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener } from "../../../../tests/support/listeners.js";
import { testIo } from "../../test-support/io.js";
import { resolveDestination } from "./destination.js";
import { download } from "./download.js";

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
/** Announces the whole length, but sends only half of it. */
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
  await download(io, url, await resolveDestination(file), signal);
  return io;
}

test.each([
  { what: "the connection breaks", first: cut },
  { what: "the server is busy", first: answering(503) },
  { what: "the output is not there yet", first: answering(202) },
])("download: tries again when $what, and leaves no temporary file", async ({ first }) => {
  const { origin, asked } = await serve(first, whole);
  await save(origin, join(dir, "out.mp4"));
  expect(readFileSync(join(dir, "out.mp4")).equals(VIDEO)).toBe(true);
  expect([readdirSync(dir), asked.length]).toEqual([["out.mp4"], 2]);
});

test("download: keeps the existing file when the URL returns a web page", async () => {
  writeFileSync(join(dir, "out.mp4"), "the earlier file");
  const page: RequestListener = (_request, response) =>
    void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
  const { origin, asked } = await serve(page);
  await expect(save(origin, join(dir, "out.mp4"))).rejects.toMatchObject({ message: expect.stringContaining(origin) });
  expect([readFileSync(join(dir, "out.mp4"), "utf8"), asked.length]).toEqual(["the earlier file", 1]);
});

test("download: says that Ctrl-C interrupted it", async () => {
  const { origin } = await serve(whole);
  const aborted = AbortSignal.abort();
  await expect(save(origin, join(dir, "out.mp4"), aborted)).rejects.toThrow("was not saved (interrupted)");
});

test("download: keeps the existing file and shows the URL when every try breaks off", async () => {
  writeFileSync(join(dir, "out.mp4"), "the earlier file");
  const { origin, asked } = await serve(cut);
  await expect(save(origin, join(dir, "out.mp4"))).rejects.toMatchObject({
    code: "OUTPUT_NOT_SAVED",
    message: expect.stringContaining(origin),
  });
  expect(readFileSync(join(dir, "out.mp4"), "utf8")).toBe("the earlier file");
  expect([readdirSync(dir), asked.length]).toEqual([["out.mp4"], 4]);
});

test("download: tries a refused URL only once, and shows the HTTP status", async () => {
  const { origin, asked } = await serve(answering(404));
  await expect(save(origin, join(dir, "out.mp4"))).rejects.toThrow("(HTTP 404)");
  expect(asked.length).toBe(1);
});

test("download: shows the error code when the server does not answer", async () => {
  await expect(save(await deadUrl(), join(dir, "out.mp4"))).rejects.toThrow("(ECONNREFUSED)");
});

test("download: leaves no file behind when it is interrupted", async () => {
  const stop = new AbortController();
  const { origin } = await serve((_request, response) => {
    response.writeHead(200);
    response.write(VIDEO, () => stop.abort());
  });
  await expect(save(origin, join(dir, "out.mp4"), stop.signal)).rejects.toThrow("was not saved");
  expect(readdirSync(dir)).toEqual([]);
});

test("download: writes each byte to stdout only once, so it does not try again there", async () => {
  const { origin } = await serve(whole);
  expect((await save(origin, "-")).out()).toBe(VIDEO.toString());
  const broken = await serve(cut, whole);
  await expect(save(broken.origin, "-")).rejects.toThrow("was not saved");
  expect(broken.asked.length).toBe(1);
});

test("download: keeps a symbolic link and replaces the file that it points to", async () => {
  const { origin } = await serve(whole);
  writeFileSync(join(dir, "real.mp4"), "the earlier file");
  symlinkSync(join(dir, "real.mp4"), join(dir, "link.mp4"));
  await save(origin, join(dir, "link.mp4"));
  expect(readdirSync(dir)).toEqual(["link.mp4", "real.mp4"]);
  expect(readFileSync(join(dir, "real.mp4")).equals(VIDEO)).toBe(true);
});

test("download: writes into a named pipe and does not replace it", async () => {
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
