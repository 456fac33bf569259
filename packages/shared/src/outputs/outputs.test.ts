import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { outputStoreConformance } from "../../../../tests/support/output-store-conformance.js";
import { createSecrets } from "../runtime/secrets.js";
import { createDiskStore } from "./disk.js";
import { createFileUrls } from "./file-urls.js";
import { probeOutputStore } from "./open.js";
import { sniff } from "./sniff.js";

async function openDisk() {
  const outer = mkdtempSync(path.join(tmpdir(), "visgate-disk-"));
  // A sibling whose name begins with the name of the store.
  mkdirSync(path.join(outer, "store-beside"));
  const root = path.join(outer, "store");
  return {
    root,
    store: createDiskStore(root),
    files: async () =>
      readdirSync(outer, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
    close: async () => rmSync(outer, { recursive: true, force: true }),
  };
}

describe("disk store", () => {
  outputStoreConformance(openDisk);

  test("only the user of the process can read its folders and files", async () => {
    const umask = process.umask(0o022);
    const disk = await openDisk();
    try {
      await disk.store.put("acme/r1/0.mp4", Readable.from([Buffer.from("film")]));
      const modeOf = (name: string) => (statSync(path.join(disk.root, name)).mode & 0o777).toString(8);
      expect(["", "acme", "acme/r1", "acme/r1/0.mp4"].map(modeOf)).toEqual(["700", "700", "700", "600"]);
    } finally {
      process.umask(umask);
      await disk.close();
    }
  });

  test("refuses a key to a sibling folder whose name begins with its own", async () => {
    const disk = await openDisk();
    await expect(disk.store.open("../store-beside/x")).rejects.toThrow();
    await disk.close();
  });

  test("a probe reports a file in place of the folder as a fault that can pass", async () => {
    const disk = await openDisk();
    writeFileSync(disk.root, "");
    expect((await probeOutputStore(disk.store)).fault).toMatchObject({ lasting: false });
    await disk.close();
  });

  test("only the user of the process can read the files", async () => {
    const disk = await openDisk();
    await disk.store.put(
      "a/b",
      (async function* () {
        yield Buffer.from("x");
      })(),
    );
    expect(statSync(path.join(disk.root, "a/b")).mode & 0o077).toBe(0);
    await disk.close();
  });
});

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: "teal" } });
const jpeg = await picture.clone().jpeg().toBuffer();
const png = await picture.clone().png().toBuffer();
const webp = await picture.clone().webp().toBuffer();
const gif = await picture.clone().gif().toBuffer();
const mp4 = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");

describe("sniff", () => {
  test.each([
    { bytes: jpeg, contentType: "image/jpeg", extension: "jpg" },
    { bytes: png, contentType: "image/png", extension: "png" },
    { bytes: webp, contentType: "image/webp", extension: "webp" },
    { bytes: gif, contentType: "image/gif", extension: "gif" },
    { bytes: mp4, contentType: "video/mp4", extension: "mp4" },
  ])("detects $contentType", async ({ bytes, contentType, extension }) => {
    expect(await sniff(bytes)).toEqual({ contentType, extension });
  });

  test.each([
    Buffer.alloc(0),
    Buffer.from([0xff]),
    Buffer.from("<!doctype html><html>"),
    Buffer.from("hello"),
    Buffer.alloc(5000),
  ])("returns null for an unknown file type", async (bytes) => {
    expect(await sniff(bytes)).toBeNull();
  });
});

describe("file URLs", () => {
  const secrets = createSecrets("a master secret for tests");
  const urls = createFileUrls({ base: "https://gw.example.com", secrets, retentionDays: 2 });
  const record = { organization: "acme", id: "r1", mediaType: "video", createdAt: 1_000_500, outputs: [] } as const;
  const expires = 1001 + 2 * 86_400;
  const signed = (url: string) => new URL(url).searchParams.get("signature") ?? "";

  test("are valid for the lifetime of the request, and always the same", () => {
    const url = new URL(urls.urlOf(record, 0));
    expect(url.pathname).toBe("/api/v1/files/acme/r1/0.mp4");
    expect(url.searchParams.get("expires")).toBe(String(expires));
    expect(urls.urlOf({ ...record }, 0)).toBe(url.href);
    expect(urls.signatureMatches({ organization: "acme", id: "r1", index: 0 }, expires, signed(url.href))).toBe(true);
  });

  test.each(["png", "jpg", "webp"])("end with the type of an image once it is known: %s", (extension) => {
    const image = { ...record, mediaType: "image" } as const;
    const stored = {
      kind: "stored",
      key: `acme/out/other/0.${extension}`,
      contentType: "",
      bytes: 1,
      sha256: "",
    } as const;
    const [before, after] = [urls.urlOf(image, 1), urls.urlOf({ ...image, outputs: [stored, stored] }, 1)];
    expect(new URL(before).pathname).toBe("/api/v1/files/acme/r1/1");
    expect(new URL(after).pathname).toBe(`/api/v1/files/acme/r1/1.${extension}`);
    expect(signed(after)).toBe(signed(before));
  });

  test.each(["https://gw.example.com", "http://127.0.0.1:8787", "https://other.example.com/gateway"])(
    "are read at %s, under any host and path of the gateway",
    (base) => {
      const url = urls.urlOf(record, 0).replace("https://gw.example.com", base);
      const file = { organization: "acme", id: "r1", index: 0 };
      expect(urls.read(url)).toEqual({ origin: new URL(base).origin, file, expires, signature: signed(url) });
    },
  );

  test("of a poster and of an uploaded file have a word in place of the index, and signatures of their own", () => {
    const poster = urls.posterUrl(record);
    const uploaded = urls.callerFileUrl(record, "jpg");
    expect(urls.read(poster)?.file).toEqual({ organization: "acme", id: "r1", index: "poster" });
    expect(urls.read(uploaded)?.file).toEqual({ organization: "acme", id: "r1", index: "file" });
    expect(new Set([poster, uploaded, urls.urlOf(record, 0)].map(signed)).size).toBe(3);
  });

  test.each([
    "",
    "/api/v1/files/acme/r1/0.mp4",
    "ftp://gw.example.com/api/v1/files/acme/r1/0.mp4",
    "https://gw.example.com/api/v1/files/acme/r1",
    "https://gw.example.com/api/v1/files/acme/r1/0.mp4/more",
    "https://gw.example.com/api/v1/files/acme/r1/input.png",
    "https://gw.example.com/x?to=/api/v1/files/acme/r1/0.mp4",
  ])("%j is not read as a file URL", (text) => {
    expect(urls.read(text)).toBeNull();
  });

  test.each([
    { organization: "globex", id: "r1", index: 0, expires },
    { organization: "acme", id: "r2", index: 0, expires },
    { organization: "acme", id: "r1", index: 1, expires },
    { organization: "acme", id: "r1", index: Number.NaN, expires },
    { organization: "acme", id: "r1", index: 0, expires: expires + 1 },
  ])("the signature is not valid for $organization $id $index $expires", ({ expires: given, ...output }) => {
    expect(urls.signatureMatches(output, given, signed(urls.urlOf(record, 0)))).toBe(false);
  });
});
