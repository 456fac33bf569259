import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { outputStoreConformance } from "../../../../tests/support/output-store-conformance.js";
import { T0 } from "../../../../tests/support/records.js";
import { startTestS3, type TestS3 } from "../../../../tests/support/s3.js";
import { createLogger } from "../runtime/log.js";
import { probeOutputStore } from "./open.js";
import { createS3Store, type S3Options } from "./s3.js";

let server: TestS3;
beforeAll(async () => {
  server = await startTestS3();
});
afterAll(() => server.stop());

/** It knows every object, and never ends its answer to a GET. */
async function startSilentServer({ firstBytes }: { firstBytes?: Buffer } = {}) {
  const events = new EventEmitter();
  const silent = createServer((request, response) => {
    const headers = { "content-length": "5000", etag: '"1"' };
    if (request.method === "HEAD") return void response.writeHead(200, headers).end();
    if (firstBytes !== undefined) response.writeHead(200, headers).write(firstBytes);
    response.once("close", () => events.emit("hung up"));
    events.emit("asked");
  });
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => silent.closeAllConnections());
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const [asked, hungUp] = [once(events, "asked"), once(events, "hung up")];
  return { endpoint: `http://127.0.0.1:${port}`, asked, hungUp };
}

const openS3 = async () => {
  const options = await server.createBucket();
  const store = createS3Store(options);
  return { options, store, files: () => server.contents(options.bucket), close: async () => {} };
};
async function* video(text = "0123456789") {
  yield Buffer.from(text);
}

describe("S3 store", () => {
  outputStoreConformance(openS3);

  describe("a presigned URL", () => {
    const presigning = {
      ...{ expiresSeconds: 60, contentType: "video/mp4", filename: "r1-0.mp4" },
      get signedAt() {
        return Date.now();
      },
    };

    test("serves the file, whole and in parts, with its content type", async () => {
      const { store } = await openS3();
      await store.put("acme/r1/0.mp4", video());
      const url = await store.presign("acme/r1/0.mp4", presigning);
      const whole = await fetch(url ?? "");
      expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
      expect(whole.headers.get("content-type")).toBe("video/mp4");
      expect(whole.headers.get("content-disposition")).toBe('inline; filename="r1-0.mp4"');
      const part = await fetch(url ?? "", { headers: { range: "bytes=2-4" } });
      expect([part.status, await part.text()]).toEqual([206, "234"]);
    });

    test("is valid for one file, and for the given time", async () => {
      const { store } = await openS3();
      await store.put("acme/r1/0.mp4", video());
      await store.put("acme/r2/0.mp4", video());
      const url = new URL((await store.presign("acme/r1/0.mp4", presigning)) ?? "");
      expect(url.searchParams.get("X-Amz-Expires")).toBe("60");
      const later = new URL((await store.presign("acme/r1/0.mp4", { ...presigning, signedAt: T0 })) ?? "");
      expect(later.searchParams.get("X-Amz-Date")).toBe("20260101T000000Z");
      url.pathname = url.pathname.replace("r1", "r2");
      expect((await fetch(url)).status).toBe(403);
      url.search = "";
      expect((await fetch(url)).status).toBe(403);
    });

    test("is refused for a key outside of the store", async () => {
      const { store } = await openS3();
      await expect(store.presign("../other/0.mp4", presigning)).rejects.toThrow();
    });
  });

  test("a refused call shows no secret in its error or in the log", async () => {
    const { options } = await openS3();
    const secretAccessKey = "a-secret-that-must-not-be-shown";
    const store = createS3Store({ ...options, credentials: { ...options.credentials, secretAccessKey } });
    const error = await store.put("a/b", video()).catch((caught: unknown) => caught);
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

  describe("probeOutputStore: is the fault lasting?", () => {
    const wrong = async (change: (options: S3Options) => Partial<S3Options>) => {
      const { options } = await openS3();
      return (await probeOutputStore(createS3Store({ ...options, ...change(options) }))).fault;
    };
    test("a missing bucket is lasting", async () => {
      expect(await wrong(() => ({ bucket: "no-such-bucket" }))).toEqual({ name: "NoSuchBucket", lasting: true });
    });
    test("a wrong key is lasting", async () => {
      const fault = await wrong(({ credentials }) => ({
        credentials: { accessKeyId: "", ...credentials, secretAccessKey: "wrong" },
      }));
      expect(fault).toMatchObject({ lasting: true });
    });
    test("a server that is away is not lasting", async () => {
      expect(await wrong(() => ({ endpoint: "http://127.0.0.1:1" }))).toMatchObject({ lasting: false });
    });
  });

  test("a file that was replaced after open() is an error for its reader", async () => {
    const { store } = await openS3();
    await store.put("a/b", video("the first"));
    const opened = await store.open("a/b");
    await store.put("a/b", video("the other"));
    await expect(opened?.stream().toArray()).rejects.toThrow();
  });

  test("a stream that is destroyed while S3 does not answer: closes its connection at once", async () => {
    const { options } = await openS3();
    const silent = await startSilentServer();
    const opened = await createS3Store({ ...options, endpoint: silent.endpoint }).open("a/b");
    const stream = opened?.stream();
    stream?.resume();
    await silent.asked;
    stream?.destroy();
    await silent.hungUp;
  });

  test("a stream that is destroyed halfway: closes its connection at once", async () => {
    const { options } = await openS3();
    const silent = await startSilentServer({ firstBytes: Buffer.alloc(1000) });
    const opened = await createS3Store({ ...options, endpoint: silent.endpoint }).open("a/b");
    const stream = opened?.stream();
    for await (const chunk of stream ?? []) {
      expect(chunk).toHaveLength(1000);
      break;
    }
    await silent.hungUp;
  });

  test("a put into a missing bucket fails at once, and closes its source", async () => {
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
