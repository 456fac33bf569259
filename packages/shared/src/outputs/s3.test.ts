import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outputStoreConformance } from "../../../../tests/support/output-store-conformance.js";
import { startTestS3, type TestS3 } from "../../../../tests/support/s3.js";
import { createLogger } from "../runtime/log.js";
import { probeOutputStore } from "./probe.js";
import { createS3Store, type S3Options } from "./s3.js";

let server: TestS3;
beforeAll(async () => {
  server = await startTestS3();
});
afterAll(() => server.stop());

const openS3 = async () => {
  const options = await server.createBucket();
  const store = createS3Store(options);
  return { options, store, files: () => server.contents(options.bucket), close: async () => {} };
};
async function* film(text = "0123456789") {
  yield Buffer.from(text);
}

describe("s3", () => {
  outputStoreConformance(openS3);

  describe("a presigned URL", () => {
    const presigning = { expiresSeconds: 60, contentType: "video/mp4", filename: "r1-0.mp4" };

    test("hands out the file, whole and in parts, as what it is", async () => {
      const { store } = await openS3();
      await store.put("acme/r1/0.mp4", film());
      const url = await store.presign("acme/r1/0.mp4", presigning);
      const whole = await fetch(url ?? "");
      expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
      expect(whole.headers.get("content-type")).toBe("video/mp4");
      expect(whole.headers.get("content-disposition")).toBe('inline; filename="r1-0.mp4"');
      const part = await fetch(url ?? "", { headers: { range: "bytes=2-4" } });
      expect([part.status, await part.text()]).toEqual([206, "234"]);
    });

    test("is for that file, and for as long as was said", async () => {
      const { store } = await openS3();
      await store.put("acme/r1/0.mp4", film());
      await store.put("acme/r2/0.mp4", film());
      const url = new URL((await store.presign("acme/r1/0.mp4", presigning)) ?? "");
      expect(url.searchParams.get("X-Amz-Expires")).toBe("60");
      url.pathname = url.pathname.replace("r1", "r2");
      expect((await fetch(url)).status).toBe(403);
      url.search = "";
      expect((await fetch(url)).status).toBe(403);
    });

    test("is never one for a file outside", async () => {
      const { store } = await openS3();
      await expect(store.presign("../other/0.mp4", presigning)).rejects.toThrow();
    });
  });

  test("what is refused says nothing of the secret, in the error or in the log of it", async () => {
    const { options } = await openS3();
    const secretAccessKey = "a-secret-that-nobody-may-see";
    const store = createS3Store({ ...options, credentials: { ...options.credentials, secretAccessKey } });
    const error = await store.put("a/b", film()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    const lines: string[] = [];
    createLogger({
      level: "info",
      service: "test",
      secretNames: [],
      destination: { write: (line) => void lines.push(line) },
    }).error({ err: error, credentials: { secretAccessKey }, AWS_SECRET_ACCESS_KEY: secretAccessKey }, String(error));
    expect(lines.join()).toMatch(/SignatureDoesNotMatch|AccessDenied/);
    expect(lines.join()).not.toContain(secretAccessKey);
  });

  describe("a probe tells what lasts from what passes", () => {
    const wrong = async (change: (options: S3Options) => Partial<S3Options>) => {
      const { options } = await openS3();
      return (await probeOutputStore(createS3Store({ ...options, ...change(options) }))).fault;
    };
    test("a bucket that is not there lasts", async () => {
      expect(await wrong(() => ({ bucket: "no-such-bucket" }))).toEqual({ name: "NoSuchBucket", lasting: true });
    });
    test("a wrong key lasts", async () => {
      const fault = await wrong(({ credentials }) => ({
        credentials: { accessKeyId: "", ...credentials, secretAccessKey: "wrong" },
      }));
      expect(fault).toMatchObject({ lasting: true });
    });
    test("a server that is away passes", async () => {
      expect(await wrong(() => ({ endpoint: "http://127.0.0.1:1" }))).toMatchObject({ lasting: false });
    });
  });

  test("a replaced file is not taken for the one that was opened", async () => {
    const { store } = await openS3();
    await store.put("a/b", film("the first"));
    const opened = await store.open("a/b");
    await store.put("a/b", film("the other"));
    await expect(opened?.stream().toArray()).rejects.toThrow();
  });

  test("a bucket that is not there fails at once, whatever the source still has", async () => {
    const { options } = await openS3();
    const store = createS3Store({ ...options, bucket: "no-such-bucket" });
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1024 * 1024);
      } finally {
        closed = true;
      }
    }
    await expect(store.put("a/b", endless())).rejects.toThrow();
    expect(closed).toBe(true);
  });
});
