import type { MediaFile, SubmitInput, UploadResult } from "@visgate/providers";
import { inputKey } from "@visgate/shared/outputs";
import type { RequestRecord } from "@visgate/shared/request";
import { describe, expect, test } from "vitest";
import { failure, intent, pendingRecord } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";
import type { ProviderSetup } from "../deps.js";
import { prepareBody } from "./body.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;

const image = Buffer.alloc(3000, 7);
const CALL = { apiKey: "key", signal: new AbortController().signal };
let submits: SubmitInput[];
let uploads: MediaFile[];

/** A worker whose provider takes data URIs up to `maxDataUriLength` and answers an upload with `uploaded`. */
async function withProvider(maxDataUriLength: number, uploaded?: UploadResult) {
  submits = [];
  uploads = [];
  worker = await openWorker({
    adapter: {
      maxDataUriLength,
      async submit(input) {
        submits.push(input);
        return { kind: "accepted", id: "job-1" };
      },
      async upload(file) {
        uploads.push(file);
        if (uploaded === undefined) throw new Error("no upload was expected");
        return uploaded;
      },
    },
  });
}

async function keepWithImage(): Promise<RequestRecord> {
  const record = pendingRecord({ endpoint: "fal-ai/veo3/image-to-video" });
  const key = inputKey("acme", record.id, "jpg");
  await worker.deps.outputs.put(key, [image] as unknown as AsyncIterable<Uint8Array>);
  record.input.image = { kind: "stored", key, contentType: "image/jpeg" };
  return worker.keep(record);
}
const run = (record: RequestRecord) => advanceRequest(worker.deps, record, new AbortController().signal);
const imageSent = () => submits[0]?.body["image_url"];

test("submit body: contains a stored image within the provider's limit", async () => {
  await withProvider(10_000);
  await run(await keepWithImage());
  expect(imageSent()).toBe(`data:image/jpeg;base64,${image.toString("base64")}`);
});

test("submit body: contains the URL of a larger image, which was uploaded first", async () => {
  await withProvider(1000, { kind: "uploaded", url: "provider://file-1" });
  await run(await keepWithImage());
  expect(uploads).toHaveLength(1);
  expect(uploads[0]).toMatchObject({ contentType: "image/jpeg" });
  expect(Buffer.from(uploads[0]?.bytes ?? []).equals(image)).toBe(true);
  expect(imageSent()).toBe("provider://file-1");
});

test("upload: is tried again after a temporary failure, without a submit and without a counted attempt", async () => {
  await withProvider(1000, { kind: "unavailable", cause: "HTTP 500", retryAfterMs: 9000 });
  const record = await keepWithImage();
  expect(await run(record)).toEqual({ kind: "sleep", delayMs: 9000 });
  expect(submits).toHaveLength(0);
  expect(await worker.record(record)).toMatchObject({ status: "pending", attempts: 0, chargeState: "none" });
  await run(record);
  expect(uploads).toHaveLength(2);
});

test("upload: fails the request without a charge when the provider refuses the image", async () => {
  await withProvider(1000, { kind: "rejected", failure: failure({ code: "VALIDATION_ERROR", retryable: false }) });
  const record = await keepWithImage();
  await run(record);
  expect(submits).toHaveLength(0);
  expect(await worker.record(record)).toMatchObject({
    status: "failed",
    failure: { code: "VALIDATION_ERROR" },
    chargeState: "none",
  });
});

test("submit body: fails the request before anything is sent when its image was removed", async () => {
  await withProvider(1000);
  const record = await keepWithImage();
  await worker.deps.outputs.removeAll("acme");
  await run(record);
  expect(await worker.record(record)).toMatchObject({ status: "failed", chargeState: "none" });
});

test.each([
  { what: "is not there", open: async () => null },
  { what: "does not answer", open: () => Promise.reject(new Error("EIO")) },
])("submit body: waits when its image cannot be read because the output store $what", async ({ open }) => {
  await withProvider(10_000);
  const record = await keepWithImage();
  const { outputs, outputsHealth } = worker.deps;
  worker.deps.outputs = { ...outputs, open };
  worker.deps.outputsHealth = { fault: () => "EIO", check: async () => "EIO" };
  expect(await run(record)).toMatchObject({ kind: "sleep" });
  expect(await worker.record(record)).toMatchObject({ status: "pending", attempts: 0 });
  Object.assign(worker.deps, { outputs, outputsHealth });
  await run(record);
  expect(imageSent()).toBe(`data:image/jpeg;base64,${image.toString("base64")}`);
});

test.each([
  { what: "a cancel", code: "CANCELLED", isCancel: true },
  { what: "the deadline", code: "PROVIDER_TIMEOUT", isCancel: false },
])("upload: $what during the upload prevents the submit, and nothing is charged", async ({ code, isCancel }) => {
  await withProvider(1000, { kind: "uploaded", url: "provider://file-1" });
  const record = await keepWithImage();
  const { upload } = (worker.deps.providers.get("fal") as ProviderSetup).adapter;
  (worker.deps.providers.get("fal") as ProviderSetup).adapter.upload = async (...given) => {
    if (!isCancel) worker.clock.advance(31 * 60_000);
    else await worker.store.requests.applyTo(record, { name: "cancel_requested", at: worker.clock.now() });
    return upload(...given);
  };
  expect(await run(record)).toEqual({ kind: "finish" });
  expect(submits).toHaveLength(0);
  expect(await worker.record(record)).toMatchObject({ status: "failed", failure: { code }, chargeState: "none" });
});

describe("several inputs", () => {
  const clip = Buffer.alloc(300_000, 7);

  async function keepWithMedia(): Promise<RequestRecord> {
    const record = pendingRecord({ endpoint: "fal-ai/veo3.1/extend-video", model: "fal-ai/veo3.1" });
    const key = inputKey("acme", record.id, "mp4", 1);
    await worker.deps.outputs.put(key, [clip] as unknown as AsyncIterable<Uint8Array>);
    record.input.media = [{ role: "video", source: { kind: "stored", key, contentType: "video/mp4" } }];
    return worker.keep(record);
  }

  test("submit body: a video is uploaded even if the provider takes longer data: URIs", async () => {
    await withProvider(10_000_000, { kind: "uploaded", url: "provider://clip" });
    const record = await keepWithMedia();
    await run(record);
    expect(uploads.map(({ contentType, bytes }) => [contentType, bytes.byteLength])).toEqual([["video/mp4", 300_000]]);
    expect(submits[0]?.body["video_url"]).toBe("provider://clip");
    expect((await worker.record(record)).intent).toMatchObject({
      uploadedUrl: null,
      uploadedMedia: ["provider://clip"],
    });
  });

  test("submit body: a search for a lost submit does not upload again", async () => {
    await withProvider(10_000_000);
    const record = await keepWithMedia();
    const provider = { adapter: (worker.deps.providers.get("fal") as ProviderSetup).adapter, call: () => CALL };
    const uploadedMedia = ["provider://before"];
    const sent = { ...record, intent: intent({ uploadedMedia }) };
    expect(await prepareBody(worker.deps, sent, provider)).toMatchObject({
      body: { video_url: "provider://before" },
      uploads: { uploadedUrl: null, uploadedMedia },
    });
    expect(uploads).toEqual([]);
  });

  test("submit body: a first and a last image have fields of their own", async () => {
    await withProvider(10_000);
    const record = pendingRecord({ endpoint: "fal-ai/veo3.1/first-last-frame-to-video", model: "fal-ai/veo3.1" });
    record.input.image = { kind: "url", url: "https://a.example/1.png" };
    record.input.media = [{ role: "last", source: { kind: "url", url: "https://a.example/2.png" } }];
    await run(await worker.keep(record));
    expect(submits[0]?.body).toMatchObject({
      first_frame_url: "https://a.example/1.png",
      last_frame_url: "https://a.example/2.png",
    });
  });
});
