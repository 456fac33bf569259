/** What every output store must do: all of a file or nothing, and never anything outside of it. */
import { createHash } from "node:crypto";
import { type OutputStore, probeOutputStore } from "@visgate/shared/outputs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

export interface OutputStoreBench {
  store: OutputStore;
  /** Everything that is stored or was left behind, temporary things too; relative names. */
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

    test("a probe finds nothing wrong, and leaves nothing behind", async () => {
      expect(await probeOutputStore(bench.store)).toEqual({ fault: null });
      expect(await bench.files()).toEqual([]);
    });

    test("gives back what it was given, with size and hash", async () => {
      const stored = await put("acme/r1/0.mp4", "one ", Buffer.from([0, 255, 10]), "", "two");
      const content = "one \0\xff\ntwo";
      expect(stored).toEqual({
        bytes: 10,
        sha256: createHash("sha256").update(Buffer.from(content, "latin1")).digest("hex"),
      });
      expect(await read("acme/r1/0.mp4")).toBe(content);
      expect((await bench.store.open("acme/r1/0.mp4"))?.totalBytes).toBe(10);
    });

    test("keeps an empty file", async () => {
      expect(await put("a/empty")).toMatchObject({ bytes: 0 });
      expect(await read("a/empty")).toBe("");
    });

    test("reads parts, both ends included", async () => {
      await put("a/b", "0123456789");
      expect(await read("a/b", { start: 2, end: 5 })).toBe("2345");
      expect(await read("a/b", { start: 0, end: 0 })).toBe("0");
      expect(await read("a/b", { start: 9, end: 9 })).toBe("9");
    });

    test("knows no file it was not given, nor a folder as a file", async () => {
      await put("a/b/c", "x");
      for (const key of ["a/b/d", "a/b", "a", "nothing"]) expect(await bench.store.open(key)).toBeNull();
    });

    test("replaces a file whole: who reads the old one reads it to its end", async () => {
      await put("a/b", "old".repeat(100_000));
      const old = await bench.store.open("a/b");
      const stream = old?.stream();
      const first = await stream?.[Symbol.asyncIterator]().next();
      expect(await put("a/b", "new")).toMatchObject({ bytes: 3 });
      expect(await read("a/b")).toBe("new");
      expect(String(first?.value)).toMatch(/^old/);
      stream?.destroy();
    });

    test("a source that throws leaves nothing behind", async () => {
      await expect(bench.store.put("a/b", failingSource())).rejects.toThrow("the source broke");
      expect(await bench.store.open("a/b")).toBeNull();
      expect(await bench.files()).toEqual([]);
    });

    test("a source that throws leaves the earlier file as it was", async () => {
      await put("a/b", "earlier");
      await expect(bench.store.put("a/b", failingSource())).rejects.toThrow("the source broke");
      expect(await read("a/b")).toBe("earlier");
      expect(await bench.files()).toEqual(["a/b"]);
    });

    test("nothing of a file is seen before all of it is there", async () => {
      let seen: unknown = "not looked";
      async function* slow() {
        yield Buffer.from("half");
        seen = await bench.store.open("a/b");
        yield Buffer.from("half");
      }
      await bench.store.put("a/b", slow());
      expect(seen).toBeNull();
      expect(await read("a/b")).toBe("halfhalf");
    });

    test("of two that put at once one wins, whole", async () => {
      const [one, two] = ["1".repeat(50_000), "2".repeat(50_000)];
      await Promise.all([put("a/b", one, one), put("a/b", two, two)]);
      expect([one + one, two + two]).toContain(await read("a/b"));
      expect(await bench.files()).toEqual(["a/b"]);
    });

    test("keeps a file of many megabytes as it is, and reads any part of it", async () => {
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

    test("of a large file whose source throws nothing is left either", async () => {
      await expect(bench.store.put("a/large", failingSource(13))).rejects.toThrow("the source broke");
      expect(await bench.store.open("a/large")).toBeNull();
      expect(await bench.files()).toEqual([]);
    });

    test("removeAll forgets everything below a prefix, and nothing beside it", async () => {
      for (const key of ["acme/r1/0.mp4", "acme/r1/input.png", "acme/r10/0.mp4", "acme/r2/0.mp4"]) await put(key, "x");
      await bench.store.removeAll("acme/r1");
      expect((await bench.files()).toSorted()).toEqual(["acme/r10/0.mp4", "acme/r2/0.mp4"]);
      await expect(bench.store.removeAll("acme/r1")).resolves.toBeUndefined();
      await expect(bench.store.removeAll("nobody/nothing")).resolves.toBeUndefined();
    });

    test("removeAll forgets more than a page of files", async () => {
      const names = Array.from({ length: 1005 }, (_, index) => `acme/r1/${index}`);
      for (let from = 0; from < names.length; from += 50)
        await Promise.all(names.slice(from, from + 50).map((name) => put(name, "x")));
      await put("acme/r10/0", "x");
      await bench.store.removeAll("acme/r1");
      expect(await bench.files()).toEqual(["acme/r10/0"]);
    });

    test.each(["../x", "a/../../x", "/etc/passwd", "..", ".", "", "a/../..", "a/b/../../../x"])(
      "the key %j leads outside and is refused",
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

async function* failingSource(megabytes = 0): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(100_000);
  for (let sent = 0; sent < megabytes; sent += 1) yield Buffer.alloc(1024 * 1024);
  throw new Error("the source broke");
}
