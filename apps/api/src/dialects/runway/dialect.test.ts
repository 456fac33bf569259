import { describe, expect, test } from "vitest";
import { PICTURE_URI } from "../../../../../tests/support/adapter-pictures.js";
import { BASE, expectNothingLeftBehind, OTHER_KEY, useTestApi } from "../../../../../tests/support/api.js";
import { submitIntended } from "../../../../../tests/support/records.js";

const PROVIDERS = new Map(
  ["fal", "replicate", "runway"].map((name) => [name, { apiKey: "the-server's-key", simulated: false }]),
);
const { api } = useTestApi({ settings: { providers: PROVIDERS } });

const TEXT = { model: "gen4.5", promptText: "a bird", ratio: "1280:720", duration: 4 };
const FILM = { ...TEXT, model: "gen4_turbo", promptImage: PICTURE_URI };
const KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
const FRAME = { uri: PICTURE_URI, position: "first" };
const LAST = { uri: "https://images.example.com/last.png", position: "last" };

const call = (method: string, path: string, body?: unknown, key?: string | null) =>
  api.call(method, `${BASE}/runway/v1${path}`, {
    ...(body === undefined ? {} : { body: body as object }),
    ...(key === undefined ? {} : { key }),
  });

describe("a bad body is answered with its fault, and nothing is accepted", () => {
  expectNothingLeftBehind(api);

  test.each([
    { path: "/text_to_video", body: {}, field: "model", says: "is required" },
    { path: "/text_to_video", body: { ...TEXT, promptText: undefined }, field: "promptText", says: "is required" },
    { path: "/text_to_video", body: { ...TEXT, promptText: " " }, field: "promptText", says: "blank" },
    { path: "/text_to_video", body: { ...TEXT, promptText: "x".repeat(1001) }, field: "promptText", says: "1000" },
    { path: "/text_to_video", body: { ...TEXT, model: "gen4_image" }, field: "model", says: "makes images" },
    { path: "/text_to_video", body: FILM, field: "promptImage", says: "takes no promptImage" },
    { path: "/text_to_video", body: { ...TEXT, model: "gen4_turbo" }, field: "promptImage", says: "needs an image" },
    { path: "/image_to_video", body: TEXT, field: "promptImage", says: "is required" },
    { path: "/image_to_video", body: { ...FILM, promptImage: 3 }, field: "promptImage", says: "list of {uri" },
    { path: "/image_to_video", body: { ...FILM, promptImage: [LAST] }, field: "promptImage", says: "first frame" },
    {
      path: "/image_to_video",
      body: { ...FILM, promptImage: [FRAME, FRAME] },
      field: "promptImage",
      says: "each position",
    },
    {
      path: "/image_to_video",
      body: { ...FILM, promptImage: [FRAME, LAST] },
      field: "promptImage",
      says: "no last frame",
    },
    { path: "/image_to_video", body: { ...FILM, promptImage: "runway://a" }, field: "promptImage", says: "https URL" },
    { path: "/text_to_image", body: TEXT, field: "model", says: "makes videos" },
    { path: "/video_to_video", body: { model: "aleph2" }, field: "videoUri", says: "is required" },
    { path: "/character_performance", body: { model: "act_two" }, field: "reference", says: "is required" },
    {
      ...{ path: "/character_performance", field: "promptImage", says: "needs an image" },
      body: { model: "act_two", reference: { type: "video", uri: "https://a.example.com/a.mp4" } },
    },
    { path: "/text_to_video", body: { ...TEXT, duration: 11 }, field: "duration", says: "at most 10" },
    { path: "/text_to_video", body: { ...TEXT, duration: "long" }, field: "duration", says: "whole number" },
    { path: "/text_to_video", body: { ...TEXT, seed: -1 }, field: "seed", says: "from 0" },
    { path: "/text_to_video", body: { ...TEXT, style: "x" }, field: "style", says: "not a parameter" },
    { path: "/text_to_video", body: { ...TEXT, ratio: "wide" }, field: "ratio", says: "1280:720" },
    { path: "/text_to_video", body: { ...TEXT, ratio: 16 }, field: "ratio", says: "a string" },
    { path: "/text_to_video", body: { ...TEXT, ratio: "1104:832" }, field: "ratio", says: "one of 1280:720, 720:1280" },
    { path: "/text_to_video", body: { ...TEXT, ratio: "4:3" }, field: "ratio", says: "16:9, 9:16" },
    {
      ...{ path: "/text_to_video", body: { ...TEXT, model: "fal-ai/veo3", ratio: "640:360" }, field: "ratio" },
      says: "fal-ai/veo3 makes 16:9, 9:16 in 720p or 1080p",
    },
    { path: "/image_to_video", body: { ...FILM, model: KLING }, field: "ratio", says: "takes no ratio" },
  ])("$path, $field: $says", async ({ path, body, field, says }) => {
    const { status, body: answer } = await call("POST", path, body);
    expect([status, answer.issues?.[0]?.path]).toEqual([422, [field]]);
    expect(answer.error).toContain(says);
  });

  test.each([
    { what: "no key", path: "/text_to_video", key: null, status: 401 },
    { what: "an unknown model", path: "/text_to_video", body: { ...TEXT, model: "gen5" }, status: 404 },
    { what: "no JSON", path: "/text_to_video", body: "{", status: 400 },
    { what: "an unknown path", path: "/sound_effect", body: TEXT, status: 404 },
  ])("$what", async ({ path, body = TEXT, key, status }) => {
    const answer = await call("POST", path, body, key);
    expect([answer.status, typeof answer.body.error]).toEqual([status, "string"]);
  });
});

test.each<{ model: string; ratio: string; params: object; media?: object[]; audio?: boolean; promptImage?: object[] }>([
  { model: "gen4.5", ratio: "1280:720", params: { ratio: "1280:720" } },
  { model: "gen4.5", ratio: "9:16", params: { aspect_ratio: "9:16" } },
  { model: "runway/veo3.1", ratio: "1920:1080", params: { ratio: "1920:1080", audio: false }, audio: false },
  { model: "fal-ai/veo3", ratio: "1920:1080", params: { aspect_ratio: "16:9", resolution: "1080p" } },
  { model: "fal-ai/veo3", ratio: "9:16", params: { aspect_ratio: "9:16", generate_audio: false }, audio: false },
  {
    ...{ model: "replicate/google/veo-3.1", ratio: "720:1280", promptImage: [FRAME, LAST] },
    params: { aspect_ratio: "9:16", resolution: "720p" },
    media: [{ role: "last", source: { kind: "url", url: LAST.uri } }],
  },
])("$model, $ratio: $params", async ({ model, ratio, params, media, ...others }) => {
  const path = "promptImage" in others ? "/image_to_video" : "/text_to_video";
  const { status, body } = await call("POST", path, { ...TEXT, model, ratio, ...others });
  expect([status, body]).toEqual([200, { id: body.id, estimatedCost: { credits: expect.any(Number) } }]);
  const stored = await api.deps.store.requests.get({ organization: "default", id: body.id });
  expect(stored?.doc.input.params).toEqual(params);
  expect(stored?.doc.input.media).toEqual(media);
});

test("references and a video by Runway's own fields are inputs", async () => {
  const uri = "https://media.example.com/clip.mp4";
  const inputOf = async (path: string, body: object) => {
    const answer = await call("POST", path, body);
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    const { doc } = (await api.deps.store.requests.get({ organization: "default", id: answer.body.id })) ?? {};
    return { prompt: doc?.input.prompt, image: doc?.input.image, media: doc?.input.media };
  };
  const video = { role: "video", source: { kind: "url", url: uri } };
  expect(await inputOf("/video_to_video", { model: "aleph2", videoUri: uri })).toEqual({
    ...{ prompt: "", image: null, media: [video] },
  });
  expect(
    await inputOf("/character_performance", {
      ...{ model: "act_two", bodyControl: true, reference: { type: "video", uri } },
      character: { type: "image", uri: LAST.uri },
    }),
  ).toEqual({ prompt: "", image: { kind: "url", url: LAST.uri }, media: [video] });
  expect(
    await inputOf("/text_to_video", {
      ...{ model: "seedance2", promptText: "a bird", ratio: "1280:720" },
      references: [{ uri: LAST.uri }, { uri: LAST.uri }],
    }),
  ).toMatchObject({ media: [{ role: "reference" }, { role: "reference" }] });
});

test("DELETE: a repeat of a cancel that came too late keeps the paid output", async () => {
  const { body } = await call("POST", "/text_to_video", { ...TEXT, model: "fal-ai/veo3" });
  const [task, at] = [`/tasks/${body.id}`, api.clock.now()];
  const outputs = [{ url: "https://provider.example.com/a.mp4" }];
  await api.apply(
    body.id,
    submitIntended({ at }),
    { name: "submit_accepted", at, attempt: 1, providerRequestId: "provider-job-1" },
    { name: "cancel_requested", at },
    { name: "rendered", at, outputs, withheld: 0, costMicro: 2_400_000, costSource: "provider" },
    { name: "completed", at, outputs: [{ kind: "remote", url: "https://provider.example.com/a.mp4" }] },
  );
  expect((await call("DELETE", task)).status).toBe(204);
  const shown = { id: body.id, status: "SUCCEEDED", output: ["https://provider.example.com/a.mp4"] };
  expect((await call("GET", task)).body).toMatchObject({ ...shown, cost: { credits: 240 } });
});

test("a task of another organization is not there", async () => {
  const { body } = await call("POST", "/text_to_video", { ...TEXT, model: "fal-ai/veo3", promptText: "ours" });
  for (const method of ["GET", "DELETE"]) {
    expect((await call(method, `/tasks/${body.id}`, undefined, OTHER_KEY)).status).toBe(404);
  }
});
