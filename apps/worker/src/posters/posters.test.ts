import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDiskStore, type OpenedFile, type OutputStore, oneChunk } from "@visgate/shared/outputs";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { makeFilm } from "../../../../tests/support/film.js";
import { createPosters } from "./posters.js";
import { sparseCopy } from "./sparse-copy.js";

const dir = mkdtempSync(join(tmpdir(), "visgate-posters-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const store: OutputStore = createDiskStore(dir);
const posters = createPosters();
const never = () => new AbortController().signal;

let files = 0;
async function opened(bytes: Uint8Array): Promise<OpenedFile> {
  files += 1;
  await store.put(`acme/out/${files}/0.bin`, oneChunk(bytes));
  return (await store.open(`acme/out/${files}/0.bin`)) as OpenedFile;
}
const posterOf = async (bytes: Uint8Array, contentType: string) =>
  posters.of(await opened(bytes), contentType, never());

async function described(jpeg: Uint8Array | null) {
  if (jpeg === null) return null;
  const { format, width, height } = await sharp(jpeg).metadata();
  const { channels } = await sharp(jpeg).stats();
  return { format, width, height, colour: channels.map(({ mean }) => (mean > 128 ? 1 : 0)) };
}

describe("a film", () => {
  // Red in its first frame, then blue.
  test.each([
    { what: "H.264 in MP4", type: "video/mp4", name: "film.mp4", args: ["-c:v", "libx264", "-movflags", "+faststart"] },
    { what: "its index at the end", type: "video/mp4", name: "film.mp4", args: ["-c:v", "libx264"] },
    { what: "B-frames", type: "video/mp4", name: "film.mp4", args: ["-c:v", "libx264", "-bf", "3", "-g", "250"] },
    { what: "4:4:4", type: "video/mp4", name: "film.mp4", args: ["-c:v", "libx264", "-pix_fmt", "yuv444p"] },
    { what: "MOV", type: "video/quicktime", name: "film.mov", args: ["-c:v", "libx264"] },
    { what: "H.265", type: "video/mp4", name: "film.mp4", args: ["-c:v", "libx265", "-tag:v", "hvc1"] },
    { what: "VP9 in WebM", type: "video/webm", name: "film.webm", args: ["-c:v", "libvpx-vp9"] },
    { what: "VP8 in WebM", type: "video/webm", name: "film.webm", args: ["-c:v", "libvpx"] },
  ])("$what: its poster is its first frame", async ({ type, name, args }) => {
    const film = await makeFilm({ width: 800, height: 450, seconds: 1, name, args });
    expect(await described(await posterOf(film, type))).toEqual({
      ...{ format: "jpeg", width: 640, height: 360, colour: [1, 0, 0] },
    });
  });

  test("with sound first: its poster is its first frame", async () => {
    const args = ["-f", "lavfi", "-i", "sine=duration=1", "-c:v", "libx264", "-c:a", "aac"];
    const film = await makeFilm({ width: 320, height: 240, seconds: 1, name: "film.mp4", args });
    expect(await described(await posterOf(film, "video/mp4"))).toMatchObject({ width: 320, colour: [1, 0, 0] });
  });

  test("upright: the longest side has 640 pixels", async () => {
    const film = await makeFilm({ width: 450, height: 800, seconds: 1, name: "film.mp4", args: ["-c:v", "libx264"] });
    expect(await described(await posterOf(film, "video/mp4"))).toMatchObject({ width: 360, height: 640 });
  });

  test("large, with its index at the end: only its ends are read", async () => {
    const film = await makeFilm({ width: 320, height: 240, seconds: 1, name: "film.mp4", args: ["-c:v", "libx264"] });
    // The index knows places in the file, so the film is made longer behind its frames, in a box of its own.
    const large = withHole(film, 60 * 1024 * 1024);
    const file = await opened(large);
    let readBytes = 0;
    const counted: OpenedFile = {
      ...file,
      stream(range) {
        readBytes += (range?.end ?? 0) - (range?.start ?? 0);
        return file.stream(range);
      },
    };
    expect(await described(await posters.of(counted, "video/mp4", never()))).toMatchObject({ colour: [1, 0, 0] });
    expect(readBytes).toBeLessThan(17 * 1024 * 1024);
  });
});

/** Puts a box of zeros before the index (`moov`), which is the last box. */
function withHole(film: Buffer, bytes: number): Buffer {
  const at = film.lastIndexOf("moov") - 4;
  const box = Buffer.alloc(bytes);
  box.writeUInt32BE(bytes, 0);
  box.write("free", 4);
  return Buffer.concat([film.subarray(0, at), box, film.subarray(at)]);
}

test.each(["png", "jpeg", "webp", "avif"] as const)("a %s: its poster is a small JPEG of it", async (format) => {
  const image = sharp({ create: { width: 1000, height: 2000, channels: 3, background: "red" } }).toFormat(format);
  expect(await described(await posterOf(await image.toBuffer(), `image/${format}`))).toEqual({
    ...{ format: "jpeg", width: 320, height: 640, colour: [1, 0, 0] },
  });
});

describe("there is no poster, and no error, for", () => {
  test.each([
    { what: "no film", bytes: Buffer.from("this is no film") },
    { what: "an empty file", bytes: Buffer.alloc(0) },
    { what: "a film without frames", bytes: Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex") },
  ])("$what", async ({ bytes }) => {
    expect(await posterOf(bytes, "video/mp4")).toBeNull();
    expect(await posterOf(bytes, "image/png")).toBeNull();
  });

  test("damaged films of every kind", async () => {
    const film = await makeFilm({ width: 320, height: 240, seconds: 1, name: "film.mp4", args: ["-c:v", "libx264"] });
    for (const [from, to] of [
      [0, 40],
      [30, 60],
      [film.length - 400, film.length],
      [film.length >> 1, film.length],
    ]) {
      const damaged = Buffer.from(film).fill(0xff, from, to);
      const poster = await posterOf(damaged, "video/mp4");
      const format = poster === null ? null : (await sharp(poster).metadata()).format;
      expect([null, "jpeg"]).toContain(format);
    }
    expect(await posterOf(film.subarray(0, 200), "video/mp4")).toBeNull();
  });

  test("a file that is too large, and while too many wait", async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const noImages = createPosters({ maxImageBytes: png.length - 1 });
    expect(await noImages.of(await opened(png), "image/png", never())).toBeNull();
    const noFilms = createPosters({ maxFileBytes: png.length - 1 });
    expect(await noFilms.of(await opened(png), "video/mp4", never())).toBeNull();
    const few = createPosters({ maxPending: 1 });
    const file = await opened(png);
    const made = await Promise.all([few.of(file, "image/png", never()), few.of(file, "image/png", never())]);
    expect(made.map((jpeg) => jpeg !== null)).toEqual([true, false]);
  });

  test.each([
    { what: "crashes", code: 'process.kill(process.pid, "SIGSEGV");' },
    { what: "hangs", code: "for (;;);" },
  ])("a film on which the decoder $what", async ({ what, code }) => {
    const entry = join(dir, `${what}.mjs`);
    writeFileSync(entry, `process.once("message", () => { ${code} });`);
    const own = createPosters({ entry, timeMs: 1000 });
    expect(await own.of(await opened(Buffer.from("x")), "video/mp4", never())).toBeNull();
  });
});

test("one decoder runs at a time, and leaves no file", async () => {
  const entry = join(dir, "one.mjs");
  const log = join(dir, "log");
  writeFileSync(
    entry,
    `import { appendFileSync } from "node:fs";
     process.once("message", ({ file }) => {
       appendFileSync(${JSON.stringify(log)}, "begin " + file + "\\n");
       setTimeout(() => {
         appendFileSync(${JSON.stringify(log)}, "end " + file + "\\n");
         process.send({ jpeg: null }, () => process.exit());
       }, 50);
     });`,
  );
  const own = createPosters({ entry });
  const file = await opened(Buffer.from("x"));
  await Promise.all(Array.from({ length: 3 }, () => own.of(file, "video/mp4", never())));
  const lines = readFileSync(log, "utf8").trim().split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["begin", "end", "begin", "end", "begin", "end"]);
  for (const line of lines) expect(existsSync(line.split(" ")[1] ?? "")).toBe(false);
});

test("a signal that aborts ends it at once, also while it waits for its turn", async () => {
  const entry = join(dir, "slow.mjs");
  writeFileSync(entry, 'process.once("message", () => { for (;;); });');
  const own = createPosters({ entry, timeMs: 60_000 });
  const file = await opened(Buffer.from("x"));
  const stop = new AbortController();
  const both = [own.of(file, "video/mp4", stop.signal), own.of(file, "video/mp4", stop.signal)];
  stop.abort();
  expect(await Promise.all(both)).toEqual([null, null]);
});

test.runIf(process.platform === "linux")("a sparse copy of a large video takes little space on the disk", async () => {
  const file = await opened(Buffer.alloc(60 * 1024 * 1024, 7));
  const path = join(dir, "sparse");
  await sparseCopy(file, path, { isWhole: false, signal: never() });
  const { size, blocks } = statSync(path);
  expect([size, blocks * 512 < 20 * 1024 * 1024]).toEqual([60 * 1024 * 1024, true]);
  const bytes = readFileSync(path);
  expect([bytes[0], bytes.at(-1), bytes[30 * 1024 * 1024]]).toEqual([7, 7, 0]);
});
