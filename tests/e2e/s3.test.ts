/** A whole stack that stores outputs and inputs in an S3 bucket. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { acknowledgement } from "../../packages/shared/src/contract/request.js";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { createCaller, VEO } from "../support/caller.js";
import { startTestS3, type TestS3 } from "../support/s3.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { probe } from "../support/video.js";

let s3: TestS3;
let bucket: string;
let keys: Record<string, string>;
let test: TestStack;
beforeAll(async () => {
  s3 = await startTestS3();
  const options = await s3.createBucket();
  bucket = options.bucket;
  const { accessKeyId, secretAccessKey } = options.credentials;
  keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  test = await startTestStack({
    env: {
      OUTPUT_STORE: "s3",
      S3_BUCKET: bucket,
      S3_ENDPOINT: options.endpoint,
      ...keys,
    },
  });
});
afterAll(async () => {
  await test.stop();
  await s3.stop();
});

/** Without the files by which each process checks from time to time whether the bucket works. */
const media = async () => (await s3.contents(bucket)).filter((key) => !key.startsWith(".probe/"));

it("output: is stored in the bucket, and its URL redirects to the bucket", async () => {
  const answer = await test.caller.generate(VEO, { prefer: "respond-async" });
  const { id, output_url_when_ready: outputUrl } = acknowledgement.parse(answer.body);
  const early = await fetch(outputUrl ?? "");
  expect(early.status).toBe(202);
  await early.body?.cancel();
  const done = await test.caller.finished(id);
  expect(done).toMatchObject({ status: "completed", output_url: outputUrl });

  const whole = await fetch(done.output_url);
  expect(whole.redirected && new URL(whole.url).origin).toBe(s3.endpoint);
  expect(whole.headers.get("content-type")).toBe("video/mp4");
  expect(whole.headers.get("content-disposition")).toBe(`inline; filename="${id}-0.mp4"`);
  const bytes = new Uint8Array(await whole.arrayBuffer());
  expect(await probe(bytes)).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(await media()).toEqual([expect.stringMatching(`${id}/0\\.mp4$`)]);

  const part = await fetch(done.output_url, { headers: { range: "bytes=4-11" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 4-11/${bytes.length}`]);
  expect(Buffer.from(await part.arrayBuffer()).toString("latin1")).toMatch(/^ftyp/);
  const head = await fetch(done.output_url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
});

it("input image: is stored in the bucket and sent to the provider from there", async () => {
  const photo = await sharp({ create: { width: 640, height: 360, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  // The zeros after the image make it too large to be stored in Redis.
  const padded = Buffer.concat([photo, Buffer.alloc(64 * 1024)]);
  const answer = await test.caller.generate({
    ...VEO,
    image_url: `data:image/png;base64,${padded.toString("base64")}`,
  });
  expect(answer.status).toBe(200);
  expect(await media()).toContainEqual(expect.stringMatching(`${answer.body.id}/input\\.png$`));
});

it("hosts without a common folder: a data URI that one API got is rendered by another host's worker, and shown by another API", async () => {
  const folders = ["api", "worker"].map((name) => mkdtempSync(join(tmpdir(), `visgate-host-${name}-`)));
  onTestFinished(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const [apiDir = "", workerDir = ""] = folders;
  const port = await freePort();
  await test.stack.addApi(port, { DATA_DIR: apiDir });
  await test.stack.workers[0]?.stop();
  await test.stack.addWorker({ DATA_DIR: workerDir });
  const photo = await sharp({ create: { width: 640, height: 360, channels: 3, background: "olive" } })
    .png()
    .toBuffer();
  const padded = Buffer.concat([photo, Buffer.alloc(64 * 1024)]);
  const other = createCaller(`http://127.0.0.1:${port}`, test.stack.apiKey);
  const id = await other.submit({ ...VEO, image_url: `data:image/png;base64,${padded.toString("base64")}` });
  const done = await test.caller.finished(id);
  expect([done.status, done.error_message]).toEqual(["completed", null]);
  const video = await fetch(done.output_url);
  expect(await probe(new Uint8Array(await video.arrayBuffer()))).toMatchObject({ codec: "h264" });
  const media = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }));
  expect(media.filter((name) => /\.(mp4|png)$/.test(name))).toEqual([]);
});

it("output as the next call's image: is copied within the bucket, although its URL is plain http", async () => {
  const image = { model: "fal-ai/flux/schnell", prompt: "a lighthouse", cache: "off" };
  const made = await test.caller.call("POST", "/images/generate", { body: image });
  const [image_url] = made.body.images;
  expect(image_url).toMatch(/^http:/);
  const answer = await test.caller.generate({ ...VEO, image_url: image_url.replace("127.0.0.1", "localhost") });
  expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  expect(await s3.contents(bucket)).toContainEqual(expect.stringMatching(`${answer.body.id}/input\\.(jpg|png|webp)$`));
});

it("logs: contain neither the secret nor a presigned URL", () => {
  for (const name of ["api", "worker-1"]) {
    const log = readFileSync(join(test.stack.logDir, `${name}.log`), "utf8");
    expect(log).toContain('"service"');
    expect(log).not.toMatch(new RegExp(`${s3.credentials.secretAccessKey}|X-Amz-Signature`));
  }
});

it("missing bucket: the stack does not start, and the error names S3_BUCKET", async () => {
  const env = { OUTPUT_STORE: "s3", S3_BUCKET: "no-such-bucket", S3_ENDPOINT: s3.endpoint, ...keys };
  await expect(startTestStack({ env })).rejects.toMatchObject({
    message: expect.stringContaining("did not start"),
    tail: expect.stringMatching(/no-such-bucket \(NoSuchBucket\)\. S3_BUCKET/),
  });
});
