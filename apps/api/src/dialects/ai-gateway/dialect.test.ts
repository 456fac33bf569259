import { describe, expect, test } from "vitest";
import { PICTURE_URI } from "../../../../../tests/support/adapter-pictures.js";
import { BASE, expectNothingLeftBehind, useTestApi } from "../../../../../tests/support/api.js";

const draining = new AbortController();
const { api } = useTestApi({ deps: { draining: draining.signal } });

const FILM = { prompt: "a bird", n: 1, aspectRatio: "16:9", duration: 4 };
const [, mediaType = "", data = ""] = /^data:(.*);base64,(.*)$/.exec(PICTURE_URI) ?? [];
const FILE = { type: "file", mediaType, data };
const LAST = { type: "url", url: "https://images.example.com/last.png" };

interface Call {
  path?: string;
  body?: object | string;
  model?: string | null;
  key?: string | null;
  headers?: Record<string, string>;
}
const call = ({ path = "/video-model/start", body = FILM, model = "fal-ai/veo3", key, headers = {} }: Call) =>
  api.call("POST", `${BASE}/ai-gateway${path}`, {
    body,
    headers: { ...(model === null ? {} : { "ai-model-id": model }), ...headers },
    ...(key === undefined ? {} : { key }),
  });

const IMAGE = { path: "/image-model", model: "fal-ai/flux/schnell" };
const KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";

describe("a bad call is answered with its fault, and nothing is accepted", () => {
  expectNothingLeftBehind(api);

  test.each([
    { field: "prompt", says: "is required", body: { n: 1 } },
    { field: "prompt", says: "must not be blank", body: { ...FILM, prompt: " " } },
    { field: "ai-model-id", says: "Send the header", model: null },
    { field: "ai-model-id", says: "makes images", model: "fal-ai/flux/schnell" },
    { field: "ai-model-id", says: "makes videos", ...IMAGE, model: "fal-ai/veo3", body: { prompt: "x" } },
    { field: "n", says: "at most 1", body: { ...FILM, n: 2 } },
    { field: "n", says: "at most 4", ...IMAGE, body: { prompt: "x", n: 5 } },
    { field: "n", says: "whole number", body: { ...FILM, n: 1.5 } },
    { field: "duration", says: "at most 8", body: { ...FILM, duration: 9 } },
    { field: "duration", says: "more than 0", body: { ...FILM, duration: -1 } },
    { field: "aspectRatio", says: "16:9, 9:16", body: { ...FILM, aspectRatio: "7:5" } },
    { field: "aspectRatio", says: "not adaptive", body: { ...FILM, aspectRatio: "adaptive" } },
    { field: "aspectRatio", says: "two numbers", body: { ...FILM, aspectRatio: "wide" } },
    { field: "aspectRatio", says: "different shapes", body: { ...FILM, resolution: "720x1280" } },
    { field: "resolution", says: "in 720p or 1080p", body: { ...FILM, resolution: "640x360" } },
    { field: "resolution", says: "in pixels", body: { ...FILM, resolution: "16:9" } },
    { field: "size", says: "at least 64 each", ...IMAGE, body: { prompt: "x", size: "8000x8000" } },
    { field: "generateAudio", says: "not a parameter", model: KLING, body: { ...FILM, generateAudio: true } },
    { field: "seed", says: "whole number", body: { ...FILM, seed: 1.5 } },
    { field: "fps", says: "not a parameter", body: { ...FILM, fps: 24 } },
    { field: "image", says: "takes no image", model: KLING, body: { ...FILM, image: FILE } },
    { field: "image", says: "https URL", body: { ...FILM, image: { type: "url", url: "ftp://a.example.com/" } } },
    { field: "inputReferences.0", says: "no reference image", body: { ...FILM, inputReferences: [FILE] } },
    {
      ...{ field: "frameImages", says: "takes no last frame" },
      body: { ...FILM, image: FILE, frameImages: [{ image: LAST, frameType: "last_frame" }] },
    },
    { field: "files.0", says: "no reference image", ...IMAGE, body: { prompt: "x", files: [FILE] } },
    { field: "style", says: "not a field", body: { ...FILM, style: "x" } },
    { field: "style", says: "not a parameter", body: { ...FILM, providerOptions: { fal: { style: "x" } } } },
    { field: "webhook_url", says: "https URL", body: { ...FILM, callbackUrl: "http://127.0.0.1/" } },
    { field: "operation", says: "is required", path: "/video-model/status", body: {} },
  ])("$field: $says", async ({ field, says, ...one }) => {
    const { status, body } = await call(one);
    expect([status, body.error.type, body.error.param.field]).toEqual([422, "invalid_request_error", field]);
    expect(body.error.message).toContain(says);
  });

  test.each([
    { what: "no key", key: null, status: 401, type: "authentication_error" },
    { what: "an unknown model", model: "fal-ai/veo33", status: 404, type: "model_not_found" },
    { what: "no JSON", body: "{", status: 400, type: "invalid_request_error" },
    { what: "an unknown path", path: "/language-model", status: 404, type: "not_found" },
    {
      ...{ what: "an unknown operation", path: "/video-model/status", body: { operation: { id: "x" } } },
      ...{ status: 404, type: "not_found" },
    },
    { what: "a call that waits", path: "/video-model", body: { n: 1 }, status: 422, type: "invalid_request_error" },
  ])("$what", async ({ status, type, ...one }) => {
    const answer = await call(one);
    expect([answer.status, answer.body.error.type]).toEqual([status, type]);
  });
});

async function accepted(one: Call): Promise<string> {
  const { status, body } = await call(one);
  expect(status).toBe(200);
  return body.operation.id;
}

test("images, options and a callback: what is accepted", async () => {
  const id = await accepted({
    model: "replicate/google/veo-3.1",
    body: {
      ...{ ...FILM, resolution: "1920x1080", seed: 7, generateAudio: false, callbackUrl: "https://a.example.com/" },
      ...{
        image: FILE,
        frameImages: [
          { image: FILE, frameType: "first_frame" },
          { image: LAST, frameType: "last_frame" },
        ],
      },
      providerOptions: { replicate: { negative_prompt: "rain" }, google: { unknown: 1 }, gateway: { tags: [] } },
    },
  });
  const stored = await api.deps.store.requests.get({ organization: "default", id });
  expect(stored?.doc).toMatchObject({
    webhookUrl: "https://a.example.com/",
    input: { image: { kind: "inline" }, media: [{ role: "last", source: { kind: "url", url: LAST.url } }] },
  });
  expect(stored?.doc.input.params).toEqual({
    ...{ aspect_ratio: "16:9", resolution: "1080p", seed: 7, generate_audio: false },
    negative_prompt: "rain",
  });
});

test("a start with the same key is the same request; with another key, another one", async () => {
  const start = (key: string) => accepted({ headers: { "idempotency-key": key } });
  const [first, second, third] = [await start("aisdk_vid_1"), await start("aisdk_vid_1"), await start("aisdk_vid_2")];
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("status: pending, then the URL of the video when this server has a public address", async () => {
  const id = await accepted({ body: { ...FILM, prompt: "a video" } });
  const status = () => call({ path: "/video-model/status", body: { operation: { id } }, model: null });
  expect((await status()).body).toEqual({ status: "pending" });
  await api.complete(id);
  const url = expect.stringMatching(/^http:\/\/gateway\.test\/.*\/0\.mp4\?/);
  expect((await status()).body).toMatchObject({
    ...{ status: "completed", videos: [{ type: "url", url, mediaType: "video/mp4" }] },
    providerMetadata: { gateway: { generationId: id, cost: "2.4" } },
  });
});

test("status: of a request that failed, and of one that was cancelled", async () => {
  const failing = await accepted({ body: { ...FILM, prompt: "it fails" } });
  const cancelled = await accepted({ body: { ...FILM, prompt: "it is cancelled" } });
  await api.fail(failing);
  await api.fail(cancelled, { code: "CANCELLED" });
  const status = async (id: string) =>
    (await call({ path: "/video-model/status", body: { operation: { id } }, model: null })).body;
  expect(await status(failing)).toEqual({ status: "error", error: "it broke" });
  expect(await status(cancelled)).toEqual({ status: "cancelled" });
});

test("an image: refused when the server keeps no outputs", async () => {
  api.deps.settings.copyOutputs = false;
  const answer = await call({ ...IMAGE, body: { prompt: "x" } });
  api.deps.settings.copyOutputs = true;
  expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining("OUTPUT_STORE")]);
});

test("a call that waits, when the server stops: an event that makes the SDK send the call again", async () => {
  draining.abort();
  const { status, body, headers } = await call({ path: "/video-model", body: { ...FILM, prompt: "a long one" } });
  expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const [event = ""] = body.split("\n").filter((line: string) => line.startsWith("data: "));
  const error = { type: "error", statusCode: 503, errorType: "internal_server_error", message: expect.any(String) };
  expect(JSON.parse(event.slice("data: ".length))).toMatchObject(error);
});
