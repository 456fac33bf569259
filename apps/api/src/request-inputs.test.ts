/** What a request was made from: in its status, as files, and as inputs of further calls. */
import sharp from "sharp";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { ASYNC, BASE, OTHER_KEY, ref, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { readSse } from "../../../tests/support/sse.js";

const { server, api } = useTestApi();
const SEEDANCE = { model: "bytedance/seedance-2.0/reference-to-video", prompt: "a lighthouse", cache: "off" } as const;
const A = "https://images.example.com/a.png";
const B = "https://images.example.com/b.png";
const MP4 = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
const MP3 = Buffer.concat([Buffer.from("fffb9064", "hex"), Buffer.alloc(413)]);
const dataUri = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString("base64")}`;

/** In the record, and too large for it. */
let small: Buffer;
let large: Buffer;
beforeAll(async () => {
  const noise = { type: "gaussian", mean: 9, sigma: 60 } as const;
  const pictureOf = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: "teal", noise } })
      .png()
      .toBuffer();
  [small, large] = await Promise.all([pictureOf(16), pictureOf(300)]);
});

const statusOf = async (id: string, query = "") => (await api.call("GET", `/requests/${id}${query}`)).body;
const fromImage = (image_url: string, more: object = {}) => api.submit({ ...VEO, image_url, ...more });
const imageOf = async (id: string) => (await api.deps.store.requests.get(ref(id)))?.doc.input.image;

describe("input of a status", () => {
  test("has the caller's own URLs, and params as they were sent", async () => {
    const id = await api.submit({
      ...{ ...VEO, model: "fal-ai/veo3.1", image_url: A, image_urls: [{ url: B, role: "last" }], duration_seconds: 8 },
      params: { generate_audio: false },
    });
    expect((await statusOf(id)).input).toEqual({
      ...{ prompt: VEO.prompt, image_url: A, image_urls: [{ url: B, role: "last" }], video_url: null, audio_url: null },
      ...{ duration_seconds: 8, width: null, height: null, num_images: null, params: { generate_audio: false } },
    });
  });

  test("has the size and the number of images", async () => {
    const body = { model: "fal-ai/flux/schnell", prompt: "a boat", width: 512, height: 768, num_images: 2 };
    const { id } = (await api.call("POST", "/images/generate", { body, headers: ASYNC })).body;
    expect((await statusOf(id)).input).toMatchObject({
      width: 512,
      height: 768,
      num_images: 2,
      duration_seconds: null,
    });
  });

  test.each([
    ["?include=-input", false, false],
    ["?include=timeline", true, true],
    ["?include=timeline,-input", false, true],
    ["?include=-input,timeline", false, true],
    ["?include=-input&wait=1", false, false],
    ["?wait=1", true, false],
  ])("%s: input %s, timeline %s", async (query, hasInput, hasTimeline) => {
    const id = await api.submit();
    await api.complete(id);
    // A remembered answer of the one kind must not be given for the other.
    expect(await statusOf(id)).toHaveProperty("input");
    const shown = await statusOf(id, query);
    expect([Object.hasOwn(shown, "input"), Object.hasOwn(shown, "timeline")]).toEqual([hasInput, hasTimeline]);
  });

  test.each(["?include=input", "?include=timeline,", "?include=-input,-input"])("%s is a 422", async (query) => {
    const { status, body } = await api.call("GET", `/requests/${await api.submit()}${query}`);
    expect([status, body.details.field]).toEqual([422, "include"]);
  });

  test("is absent everywhere on a server that hides prompts", async () => {
    const id = await fromImage(dataUri("image/png", small));
    await api.complete(id);
    const hiding = await startTestApi(server.url, { settings: { hidePrompts: true } });
    for (const path of [`/requests/${id}`, `/requests/${id}?wait=1`, `/requests/${id}?include=timeline`, "/requests"]) {
      const { status, bytes } = await hiding.call("GET", path);
      expect([path, status, bytes.includes(VEO.prompt)]).toEqual([path, 200, false]);
    }
    await hiding.close();
  });

  test("is not in events, streams, webhook data and logs", async () => {
    const id = await api.submit();
    await api.complete(id);
    const stream = readSse(await api.open(`/requests/${id}/events`));
    const [last] = (await stream.rest()).slice(-1);
    const { body } = await api.call("GET", "/events?limit=500");
    expect(last?.data.status).toBe("completed");
    expect(body.events.length).toBeGreaterThan(0);
    expect(JSON.stringify([last?.data, body])).not.toContain(VEO.prompt);
    expect(await statusOf(id)).toMatchObject({ input: { prompt: VEO.prompt } });
    expect(api.log()).not.toContain(VEO.prompt);
  });

  test("a status with very long params is not remembered, and is right after each change", async () => {
    const long = { prompt: "y".repeat(5000), params: { text: "x".repeat(32_000) }, params_unchecked: true };
    const id = await api.submit({ ...VEO, ...long });
    const reads = vi.spyOn(api.deps.store.requests, "get");
    expect((await statusOf(id)).input.params.text).toHaveLength(32_000);
    await statusOf(id);
    expect(reads).toHaveBeenCalledTimes(2);
    reads.mockRestore();
    await api.complete(id);
    expect(await statusOf(id)).toMatchObject({ status: "completed" });
  });
});

describe("the file of an input that the gateway keeps", () => {
  test("a small image: is served from the record, whole and in parts", async () => {
    const id = await fromImage(dataUri("image/png", small));
    expect(await imageOf(id)).toMatchObject({ kind: "inline" });
    const { image_url: url } = (await statusOf(id)).input;
    expect(url).toMatch(new RegExp(`^${BASE}/api/v1/files/default/${id}/in-0\\.png\\?expires=\\d+&signature=`));
    const whole = await api.call("GET", url, { key: null });
    expect([whole.status, whole.headers.get("content-type"), whole.bytes.equals(small)]).toEqual([
      200,
      "image/png",
      true,
    ]);
    expect(whole.headers.get("x-content-type-options")).toBe("nosniff");
    const part = await api.call("GET", url, { key: null, headers: { range: "bytes=2-5" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 2-5/${small.length}`]);
    expect(part.bytes).toEqual(small.subarray(2, 6));
  });

  test("a large image, a video and a sound: each by its own URL, also after the request has failed", async () => {
    const id = await api.submit({
      ...{ ...SEEDANCE, image_urls: [dataUri("image/png", large)] },
      ...{ video_url: dataUri("video/mp4", MP4), audio_url: dataUri("audio/mpeg", MP3) },
    });
    await api.fail(id);
    const { image_url, image_urls, video_url, audio_url } = (await statusOf(id)).input;
    expect(image_url).toBeNull();
    expect(image_urls).toEqual([{ url: expect.stringContaining(`/${id}/in-1.png?`), role: "reference" }]);
    const got = await Promise.all(
      [image_urls[0].url, video_url, audio_url].map((url) => api.call("GET", url, { key: null })),
    );
    expect(got.map(({ status, headers }) => [status, headers.get("content-type")])).toEqual([
      [200, "image/png"],
      [200, "video/mp4"],
      [200, "audio/mpeg"],
    ]);
    for (const [at, bytes] of [large, MP4, MP3].entries()) expect(got[at]?.bytes.equals(bytes)).toBe(true);
  });

  test("is 401 with the signature of another file, and 404 once the request is erased", async () => {
    const id = await fromImage(dataUri("image/png", small));
    const { image_url: url } = (await statusOf(id)).input;
    const get = async (at: string) => (await api.call("GET", at, { key: null })).status;
    for (const other of ["in-1.png", "in-00.png", "0.mp4", "file.png"])
      expect([other, await get(url.replace("in-0.png", other))]).toEqual([other, 401]);
    await api.fail(id);
    await api.call("DELETE", `/requests/${id}`);
    expect(await get(url)).toBe(404);
  });
});

describe("the URL of an input as an input of another call", () => {
  test.each([
    { what: "a small image", bytes: () => small, kind: "inline" },
    { what: "a large image", bytes: () => large, kind: "stored" },
  ])("$what: is copied, so that either request can be erased", async ({ bytes, kind }) => {
    const first = await fromImage(dataUri("image/png", bytes()));
    const second = await fromImage((await statusOf(first)).input.image_url);
    expect(await imageOf(second)).toMatchObject({ kind });
    await api.fail(first);
    await api.call("DELETE", `/requests/${first}`);
    const { image_url: url } = (await statusOf(second)).input;
    expect(url).toContain(second);
    expect((await api.call("GET", url, { key: null })).bytes.equals(bytes())).toBe(true);
  });

  test("is the same input as its bytes, so the result cache sees one call", async () => {
    const cached = { cache: "use", prompt: "the same picture" };
    const first = await fromImage(dataUri("image/png", large), cached);
    await api.complete(first);
    const second = await fromImage((await statusOf(first)).input.image_url, cached);
    expect(await statusOf(second)).toMatchObject({ status: "completed", cache_hit: true });
  });

  test("is not taken by another organization, nor for another kind of input", async () => {
    const first = await fromImage(dataUri("image/png", large));
    const { image_url: url } = (await statusOf(first)).input;
    const asVideo = await api.generate({ ...SEEDANCE, video_url: url, image_urls: [A] }, ASYNC);
    expect([asVideo.status, asVideo.body.details.field]).toEqual([422, "video_url"]);
    const body = { ...VEO, image_url: url };
    const foreign = await api.call("POST", "/videos/generate", { body, headers: ASYNC, key: OTHER_KEY });
    expect([foreign.status, foreign.body.details.field]).toEqual([422, "image_url"]);
  });

  test("is a 422 that names the field once the request is erased", async () => {
    const first = await fromImage(dataUri("image/png", large));
    const { image_url: url } = (await statusOf(first)).input;
    await api.fail(first);
    await api.call("DELETE", `/requests/${first}`);
    const { status, body } = await api.generate({ ...VEO, image_url: url }, ASYNC);
    expect([status, body.details.field]).toEqual([422, "image_url"]);
  });
});
