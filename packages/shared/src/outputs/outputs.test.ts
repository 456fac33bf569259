import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { outputStoreConformance } from "../../../../tests/support/output-store-conformance.js";
import { createSecrets } from "../runtime/secrets.js";
import { decodeDataImage, encodeDataUri } from "./data-uri.js";
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

  test("a probe reports a file in place of the folder as a lasting fault", async () => {
    const disk = await openDisk();
    writeFileSync(disk.root, "");
    expect((await probeOutputStore(disk.store)).fault).toMatchObject({ lasting: true });
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

describe("decodeDataImage", () => {
  test.each([
    { declared: "image/jpeg", bytes: jpeg, contentType: "image/jpeg" },
    { declared: "image/png", bytes: jpeg, contentType: "image/jpeg" },
    { declared: "image/jpeg", bytes: png, contentType: "image/png" },
    { declared: "text/plain", bytes: webp, contentType: "image/webp" },
    { declared: "application/octet-stream", bytes: webp, contentType: "image/webp" },
  ])("detects $contentType, declared as $declared, by its bytes", async ({ declared, bytes, contentType }) => {
    const decoded = await decodeDataImage(encodeDataUri(declared, bytes));
    expect(decoded?.contentType).toBe(contentType);
    expect(decoded?.bytes.equals(bytes)).toBe(true);
  });

  const base64 = jpeg.toString("base64");
  test.each([
    { what: "text, declared as a JPEG", uri: encodeDataUri("image/jpeg", Buffer.from("hello world")) },
    { what: "a GIF", uri: encodeDataUri("image/gif", gif) },
    { what: "a video", uri: encodeDataUri("image/jpeg", mp4) },
    { what: "an SVG", uri: encodeDataUri("image/svg+xml", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")) },
    { what: "empty data", uri: "data:image/jpeg;base64," },
    { what: "data without base64", uri: `data:image/jpeg,${base64}` },
    { what: "a data URI without a type", uri: `data:;base64,${base64}` },
    { what: "an https URL", uri: `https://example.com/${base64}` },
    { what: "a space in front", uri: ` data:image/jpeg;base64,${base64}` },
  ])("refuses $what", async ({ uri }) => {
    expect(await decodeDataImage(uri)).toBeNull();
  });

  test("takes scheme and type in capitals", async () => {
    expect((await decodeDataImage(`DATA:IMAGE/JPEG;BASE64,${base64}`))?.contentType).toBe("image/jpeg");
  });
});

describe("file URLs", () => {
  const secrets = createSecrets("a master secret for tests");
  const urls = createFileUrls({ base: "https://gw.example.com", secrets, retentionDays: 2 });
  const record = { organization: "acme", id: "r1", mediaType: "video", createdAt: 1_000_500 } as const;
  const expires = 1001 + 2 * 86_400;
  const signed = (url: string) => new URL(url).searchParams.get("signature") ?? "";

  test("are valid for the lifetime of the request, and always the same", () => {
    const url = new URL(urls.urlOf(record, 0));
    expect(url.pathname).toBe("/api/v1/files/acme/r1/0.mp4");
    expect(url.searchParams.get("expires")).toBe(String(expires));
    expect(urls.urlOf({ ...record }, 0)).toBe(url.href);
    expect(urls.signatureMatches({ organization: "acme", id: "r1", index: 0 }, expires, signed(url.href))).toBe(true);
  });

  test("have no extension for an image, whose type is not known in advance", () => {
    expect(new URL(urls.urlOf({ ...record, mediaType: "image" }, 1)).pathname).toBe("/api/v1/files/acme/r1/1");
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
