/** Conformance of an output store: a file is stored completely or not at all, and nothing outside is touched. */
import { createHash } from "node:crypto";
import { callerAboutKey, callerFileKey, type OutputStore, probeOutputStore } from "@visgate/shared/outputs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./until.js";

export interface OutputStoreBench {
  store: OutputStore;
  /** The relative names of all files in the store, temporary files included. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

export function outputStoreConformance(open: () => Promise<OutputStoreBench>): void {
  describe("output store", () => {
    let bench: OutputStoreBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.close());

    const put = (key: string, ...chunks: (string | Uint8Array)[]) => bench.store.put(key, source(...chunks));
    async function read(key: string, range?: { start: number; end: number }): Promise<string | null> {
      const file = await bench.store.open(key);
      if (file === null) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of file.stream(range)) chunks.push(chunk);
      return Buffer.concat(chunks).toString("latin1");
    }

    test("a probe finds no fault, and leaves no file", async () => {
      expect(await probeOutputStore(bench.store)).toEqual({ fault: null });
      expect(await bench.files()).toEqual([]);
    });

    test("returns the stored bytes, with size and hash", async () => {
      const stored = await put("acme/r1/0.mp4", "one ", Buffer.from([0, 255, 10]), "", "two");
      const content = "one \0\xff\ntwo";
      expect(stored).toEqual({
        bytes: 10,
        sha256: createHash("sha256").update(Buffer.from(content, "latin1")).digest("hex"),
      });
      expect(await read("acme/r1/0.mp4")).toBe(content);
      expect((await bench.store.open("acme/r1/0.mp4"))?.totalBytes).toBe(10);
    });

    test("stores an empty file", async () => {
      expect(await put("a/empty")).toMatchObject({ bytes: 0 });
      expect(await read("a/empty")).toBe("");
    });

    test("reads ranges, with both ends included", async () => {
      await put("a/b", "0123456789");
      expect(await read("a/b", { start: 2, end: 5 })).toBe("2345");
      expect(await read("a/b", { start: 0, end: 0 })).toBe("0");
      expect(await read("a/b", { start: 9, end: 9 })).toBe("9");
    });

    test("returns null for a file that does not exist, and for a folder", async () => {
      await put("a/b/c", "x");
      for (const key of ["a/b/d", "a/b", "a", "nothing"]) expect(await bench.store.open(key)).toBeNull();
    });

    test("replaces a file at once, while a reader of the old file can read it to its end", async () => {
      await put("a/b", "old".repeat(100_000));
      const old = await bench.store.open("a/b");
      const stream = old?.stream();
      const first = await stream?.[Symbol.asyncIterator]().next();
      expect(await put("a/b", "new")).toMatchObject({ bytes: 3 });
      expect(await read("a/b")).toBe("new");
      expect(String(first?.value)).toMatch(/^old/);
      stream?.destroy();
    });

    test("a source that throws leaves no file", async () => {
      await expect(bench.store.put("a/b", failingSource())).rejects.toThrow("the source broke");
      expect(await bench.store.open("a/b")).toBeNull();
      expect(await bench.files()).toEqual([]);
    });

    test("a source that throws does not change the earlier file", async () => {
      await put("a/b", "earlier");
      await expect(bench.store.put("a/b", failingSource())).rejects.toThrow("the source broke");
      expect(await read("a/b")).toBe("earlier");
      expect(await bench.files()).toEqual(["a/b"]);
    });

    test("a file is not visible before it is complete", async () => {
      let seen: unknown = "not opened";
      async function* slow() {
        yield Buffer.from("half");
        seen = await bench.store.open("a/b");
        yield Buffer.from("half");
      }
      await bench.store.put("a/b", slow());
      expect(seen).toBeNull();
      expect(await read("a/b")).toBe("halfhalf");
    });

    test("removeLeftovers removes what a dead put left, and leaves a put alone that is under way", async () => {
      await put("acme/out/r1/0.mp4", "kept");
      const [alive, dead] = [slowSource(), slowSource()];
      const living = bench.store.put("acme/out/r2/0.mp4", alive.source);
      await until("a put under way", async () => (await bench.files()).length === 2);
      await bench.store.removeLeftovers(Date.now() - HOUR_MS);
      alive.finish();
      expect(await living).toMatchObject({ bytes: 2 * HALF_BYTES });
      // A put that no longer moves looks like one of a process that died. It can fail at once: a part may be under way.
      const dies = expect(bench.store.put("acme/out/r3/0.mp4", dead.source)).rejects.toThrow();
      await until("a put under way", async () => (await bench.files()).length === 3);
      await bench.store.removeLeftovers(Date.now() + HOUR_MS);
      expect((await bench.files()).toSorted()).toEqual(["acme/out/r1/0.mp4", "acme/out/r2/0.mp4"]);
      dead.finish();
      await dies;
      expect(await bench.store.open("acme/out/r3/0.mp4")).toBeNull();
    });

    test("removeCallerFiles removes the files of callers that are old, and nothing else does", async () => {
      await put("acme/in/r1/input.png", "kept");
      await put(callerFileKey("u1"), "an image");
      await put(callerAboutKey("u1"), "{}");
      await bench.store.removeLeftovers(Date.now() + HOUR_MS);
      await bench.store.removeCallerFiles(Date.now() - HOUR_MS);
      const all = [callerAboutKey("u1"), callerFileKey("u1"), "acme/in/r1/input.png"];
      expect((await bench.files()).toSorted()).toEqual(all);
      await bench.store.removeCallerFiles(Date.now() + HOUR_MS);
      expect(await bench.files()).toEqual(["acme/in/r1/input.png"]);
    });

    test("two concurrent puts leave the whole file of one of them", async () => {
      const [one, two] = ["1".repeat(50_000), "2".repeat(50_000)];
      await Promise.all([put("a/b", one, one), put("a/b", two, two)]);
      expect([one + one, two + two]).toContain(await read("a/b"));
      expect(await bench.files()).toEqual(["a/b"]);
    });

    test("stores a file of many megabytes, and reads any range of it", async () => {
      const chunk = (index: number) => Buffer.alloc(1_000_003, index + 1);
      const chunks = Array.from({ length: 13 }, (_, index) => chunk(index));
      const whole = Buffer.concat(chunks);
      const stored = await put("a/large", ...chunks);
      expect(stored).toEqual({ bytes: whole.length, sha256: createHash("sha256").update(whole).digest("hex") });
      expect((await bench.store.open("a/large"))?.totalBytes).toBe(whole.length);
      expect(await read("a/large")).toBe(whole.toString("latin1"));
      const [start, end] = [5 * 1024 * 1024 - 2, 5 * 1024 * 1024 + 2];
      expect(await read("a/large", { start, end })).toBe(whole.subarray(start, end + 1).toString("latin1"));
    });

    test("a large source that throws leaves no file", async () => {
      await expect(bench.store.put("a/large", failingSource(13))).rejects.toThrow("the source broke");
      expect(await bench.store.open("a/large")).toBeNull();
      expect(await bench.files()).toEqual([]);
    });

    test("removeAll removes everything below a prefix, and nothing else", async () => {
      for (const key of ["acme/r1/0.mp4", "acme/r1/input.png", "acme/r10/0.mp4", "acme/r2/0.mp4"]) await put(key, "x");
      await bench.store.removeAll("acme/r1");
      expect((await bench.files()).toSorted()).toEqual(["acme/r10/0.mp4", "acme/r2/0.mp4"]);
      await expect(bench.store.removeAll("acme/r1")).resolves.toBeUndefined();
      await expect(bench.store.removeAll("nobody/nothing")).resolves.toBeUndefined();
    });

    test("removeAll removes more than one page of files", async () => {
      const names = Array.from({ length: 1005 }, (_, index) => `acme/r1/${index}`);
      for (let from = 0; from < names.length; from += 50)
        await Promise.all(names.slice(from, from + 50).map((name) => put(name, "x")));
      await put("acme/r10/0", "x");
      await bench.store.removeAll("acme/r1");
      expect(await bench.files()).toEqual(["acme/r10/0"]);
    });

    test.each(["../x", "a/../../x", "/etc/passwd", "..", ".", "", "a/../..", "a/b/../../../x"])(
      "a key that is outside of the store is refused: %j",
      async (key) => {
        await put("a/b", "kept");
        await expect(put(key, "x")).rejects.toThrow();
        await expect(bench.store.removeAll(key)).rejects.toThrow();
        await expect(bench.store.open(key)).rejects.toThrow();
        expect(await bench.files()).toEqual(["a/b"]);
      },
    );
  });
}

async function* source(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const HOUR_MS = 3_600_000;
/** More than a part of an upload to S3, so that the upload has begun. */
const HALF_BYTES = 6 * 1024 * 1024;

/** A source that stops halfway until `finish` is called. */
function slowSource() {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(HALF_BYTES);
    await finished;
    yield Buffer.alloc(HALF_BYTES);
  }
  return { source: source(), finish: () => finish() };
}

async function* failingSource(megabytes = 0): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(100_000);
  for (let sent = 0; sent < megabytes; sent += 1) yield Buffer.alloc(1024 * 1024);
  throw new Error("the source broke");
}
