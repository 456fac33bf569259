/** Several images, a video and a sound as inputs of a call. */
import { buffer } from "node:stream/consumers";
import { outputKey } from "@visgate/shared/outputs";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { ASYNC, expectNothingLeftBehind, ref, useTestApi } from "../../../tests/support/api.js";

const PROVIDERS = new Map(["fal", "runway"].map((name) => [name, { apiKey: "the-server's-key", simulated: false }]));
const { api } = useTestApi({ settings: { providers: PROVIDERS } });
const VEO = { model: "fal-ai/veo3.1", prompt: "a lighthouse" } as const;
const SEEDANCE = { model: "bytedance/seedance-2.0/reference-to-video", prompt: "a lighthouse" } as const;
const A = "https://images.example.com/a.png";
const B = "https://images.example.com/b.png";
const CLIP = "https://media.example.com/clip.mp4";
const VOICE = "https://media.example.com/voice.mp3";
const MP4 = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
const MP3 = Buffer.concat([Buffer.from("fffb9064", "hex"), Buffer.alloc(413)]);
const dataUri = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString("base64")}`;

let large: Buffer;
beforeAll(async () => {
  const created = sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: "teal",
      noise: { type: "gaussian", mean: 9, sigma: 60 },
    },
  });
  large = await created.png().toBuffer();
});

const submit = (body: object, path = "/videos/generate") => api.call("POST", path, { body, headers: ASYNC });

async function inputOf(body: object, path?: string) {
  const answer = await submit(body, path);
  expect([answer.status, answer.body.message]).toEqual([202, undefined]);
  const doc = (await api.deps.store.requests.get(ref(answer.body.request_id)))?.doc;
  if (doc === undefined) throw new Error("not stored");
  return doc;
}
const url = (role: string, of: string) => ({ role, source: { kind: "url", url: of } });

describe("what the record holds", () => {
  test("one image is stored as before, however it is given", async () => {
    const before = await inputOf({ ...VEO, cache: "off", image_url: A });
    const now = await inputOf({ ...VEO, cache: "off", image_urls: [{ url: A, role: "first" }] });
    expect(now.input).toEqual(before.input);
    expect(Object.keys(now.input)).not.toContain("media");
    expect(now.call.hash).toBe(before.call.hash);
  });

  test.each([
    {
      what: "a first and a last frame",
      body: { image_url: A, image_urls: [{ url: B, role: "last" }] },
      endpoint: "first-last-frame-to-video",
      media: [url("last", B)],
    },
    {
      what: "references",
      body: { image_urls: [A, { url: B }] },
      endpoint: "reference-to-video",
      media: [url("reference", A), url("reference", B)],
    },
    { what: "a video", body: { video_url: CLIP }, endpoint: "extend-video", media: [url("video", CLIP)] },
  ])("$what: $endpoint", async ({ body, endpoint, media }) => {
    const record = await inputOf({ ...VEO, ...body });
    expect([record.endpoint, record.input.media]).toEqual([`fal-ai/veo3.1/${endpoint}`, media]);
  });

  test("a video and a sound in data: URIs, and a large image, which is stored beside the request", async () => {
    const body = {
      ...{ video_url: dataUri("video/mp4", MP4), audio_url: dataUri("audio/mpeg", MP3) },
      image_urls: [dataUri("image/png", large)],
    };
    const { id, input } = await inputOf({ ...SEEDANCE, ...body });
    const key = `default/in/${id}/input-1.png`;
    expect(input.media).toEqual([
      { role: "reference", source: { kind: "stored", key, contentType: "image/png" } },
      { role: "video", source: { kind: "inline", dataUri: dataUri("video/mp4", MP4) } },
      { role: "audio", source: { kind: "inline", dataUri: dataUri("audio/mpeg", MP3) } },
    ]);
    const file = await api.deps.outputs.open(key);
    expect(file && (await buffer(file.stream()))).toEqual(large);
  });

  test("images take references too", async () => {
    const body = { model: "runway/gen4_image", prompt: "a bird", image_urls: [A, B] };
    const { input } = await inputOf(body, "/images/generate");
    expect(input.media).toEqual([url("reference", A), url("reference", B)]);
  });

  test("a model without a prompt is called without one", async () => {
    const { input } = await inputOf({ model: "runway/magnific_video_upscaler_creative", video_url: CLIP });
    expect([input.prompt, input.durationSeconds]).toEqual(["", null]);
  });
});

test("an output of this gateway is a video_url", async () => {
  const { body } = await submit({ model: "fal-ai/veo3", prompt: "made", cache: "off" });
  const key = outputKey("default", body.request_id, 0, "mp4");
  const kept = await api.deps.outputs.put(
    key,
    (async function* () {
      yield MP4;
    })(),
  );
  await api.completeWith(body.request_id, [{ kind: "stored", key, contentType: "video/mp4", ...kept }]);
  const { id, input } = await inputOf({ ...VEO, video_url: body.output_url_when_ready });
  expect(input.media?.[0]?.source).toEqual({
    ...{ kind: "stored", key: `default/in/${id}/input-1.mp4`, contentType: "video/mp4" },
  });
  const asImage = await submit({ ...VEO, image_urls: [{ url: body.output_url_when_ready, role: "first" }] });
  expect([asImage.status, asImage.body.message]).toEqual([
    422,
    "image_urls.0 is a file of type video/mp4; send a JPEG, PNG or WebP image.",
  ]);
});

test("the cache and equal calls: other inputs, or the same ones in another role, are another call", async () => {
  const bodies = [
    { image_url: A },
    { image_url: A, image_urls: [{ url: B, role: "last" }] },
    { image_urls: [A] },
    { image_urls: [A, B] },
    { image_urls: [B, A] },
    { video_url: CLIP },
  ];
  const hashes = [];
  for (const body of [...bodies, ...bodies])
    hashes.push((await inputOf({ ...VEO, ...body, cache: "refresh" })).cache.hash);
  expect(hashes.slice(6)).toEqual(hashes.slice(0, 6));
  expect(new Set(hashes).size).toBe(6);
});

describe("a call with wrong inputs names the field, and leaves nothing behind", () => {
  expectNothingLeftBehind(api);

  test.each([
    {
      body: { video_url: CLIP, model: "fal-ai/veo3" },
      field: "video_url",
      says: "takes no video; leave video_url out",
    },
    { body: { audio_url: VOICE }, field: "audio_url", says: "takes no audio; leave audio_url out" },
    { body: { image_urls: [{ url: A, role: "last" }] }, field: "image_url", says: "needs an image" },
    { body: { image_urls: [A, A, A, A] }, field: "image_urls.3", says: "at most 3" },
    { body: { image_urls: [] }, field: "image_urls", says: "at least 1" },
    { body: { image_urls: A }, field: "image_urls", says: "a list" },
    { body: { image_urls: [3] }, field: "image_urls.0", says: "{url, role: first, last or reference}" },
    { body: { image_urls: [{ url: A, role: "middle" }] }, field: "image_urls.0", says: "first, last or reference" },
    {
      body: { image_urls: [{ url: A, role: "first" }], image_url: B },
      field: "image_urls.0",
      says: "image_url is the first image",
    },
    { body: { image_urls: [A, { url: "http://10.0.0.1/a.png" }] }, field: "image_urls.1", says: "https" },
    { body: { image_urls: ["https://192.168.0.1/a.png"] }, field: "image_urls.0", says: "private" },
    { body: { video_url: "https://localhost/a.mp4" }, field: "video_url", says: "private" },
    {
      body: { video_url: "data:video/mp4;base64,AAAA" },
      field: "video_url",
      says: "must hold an MP4, MOV or WebM video",
    },
    { body: { image_urls: [dataUri("image/png", MP4)] }, field: "image_urls.0", says: "must hold a JPEG, PNG or WebP" },
    { body: { ...SEEDANCE, audio_url: VOICE }, field: "video_url", says: "needs a video" },
    { body: { prompt: undefined }, field: "prompt", says: "prompt is required: must be a string" },
    { body: { model: "runway/act_two", video_url: CLIP, image_url: A }, field: "prompt", says: "takes no prompt" },
    {
      body: { params: { video_url: CLIP } },
      field: "params.video_url",
      says: "Use video_url outside of params instead",
    },
    { body: { params: { first_frame_url: A } }, field: "params.first_frame_url", says: "not a parameter" },
  ])("$body: $field $says", async ({ body, field, says }) => {
    const answer = await submit({ ...VEO, ...body });
    expect([answer.status, answer.body.details]).toMatchObject([422, { field }]);
    expect(answer.body.message).toContain(says);
  });

  test("an image that cannot be stored removes those that were", async () => {
    const { outputs } = api.deps;
    let puts = 0;
    api.deps.outputs = {
      ...outputs,
      put: (key, source) => (puts++ === 0 ? outputs.put(key, source) : Promise.reject(new Error("EIO"))),
    };
    const image = dataUri("image/png", large);
    const { status } = await submit({ ...VEO, image_url: image, image_urls: [{ url: image, role: "last" }] });
    api.deps.outputs = outputs;
    expect([status, puts]).toEqual([503, 2]);
  });
});
