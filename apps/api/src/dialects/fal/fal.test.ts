import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { BASE, expectNothingLeftBehind, OTHER_KEY, useTestApi } from "../../../../../tests/support/api.js";

const { api } = useTestApi({ settings: { syncWaitSeconds: 0.05 } });
const QUEUE = `${BASE}/fal`;
const VEO = { prompt: "a bird", duration: "4s" };
const VEO_URL = `${QUEUE}/fal-ai/veo3`;
const post = (url: string, body: object | string, headers: Record<string, string> = {}) =>
  api.call("POST", url, { body, headers });
const get = (url: string) => api.call("GET", url);
const proxied = (method: string, target: string, body?: object) =>
  api.call(method, QUEUE, { headers: { "x-fal-target-url": target }, ...(body && { body }) });
let prompts = 0;
/** An input that no other test has, because equal calls get the same request. */
const fresh = () => ({ ...VEO, prompt: `a bird, ${prompts++}` });

describe("a bad call is refused in fal's words, and leaves nothing behind", () => {
  expectNothingLeftBehind(api);

  test.each([
    { what: "a list", body: [], loc: ["body"] },
    { what: "no prompt", body: { duration: "4s" }, loc: ["body", "prompt"] },
    { what: "a blank prompt", body: { prompt: " " }, loc: ["body", "prompt"] },
    { what: "a number as prompt", body: { prompt: 3 }, loc: ["body", "prompt"] },
    { what: "a prompt with NUL", body: { prompt: "a\0b" }, loc: ["body", "prompt"] },
    { what: "a text as duration", body: { ...VEO, duration: "long" }, loc: ["body", "duration"] },
    { what: "too long a duration", body: { ...VEO, duration: "9s" }, loc: ["body", "duration"] },
    { what: "a wrong value", body: { ...VEO, resolution: "8k" }, loc: ["body", "resolution"] },
    { what: "an unknown field", body: { ...VEO, loops: 3 }, loc: ["body", "loops"] },
    { what: "a text as params_unchecked", body: { ...VEO, params_unchecked: "y" }, loc: ["body", "params_unchecked"] },
    {
      what: "a webhook as unchecked param",
      body: { ...VEO, params_unchecked: true, webhook: "x" },
      loc: ["body", "webhook"],
    },
    { what: "a size for a video", body: { ...VEO, image_size: "square" }, loc: ["body", "image_size"] },
    { what: "a private image", body: { ...VEO, image_url: "http://10.0.0.1/a.png" }, loc: ["body", "image_url"] },
    {
      ...{ what: "no last frame", url: "/fal-ai/veo3.1/first-last-frame-to-video", loc: ["body", "last_frame_url"] },
      body: { ...VEO, first_frame_url: "https://a.example.com/a.png" },
    },
    { what: "no video", url: "/fal-ai/veo3.1/extend-video", body: VEO, loc: ["body", "video_url"] },
    { what: "no references", url: "/fal-ai/veo3.1/reference-to-video", body: VEO, loc: ["body", "image_urls"] },
    { what: "no image", url: "/fal-ai/veo3.1/image-to-video", body: VEO, loc: ["body", "image_url"] },
    {
      what: "too many images",
      ...{ url: "/fal-ai/flux/schnell", body: { prompt: "x", num_images: 9 }, loc: ["body", "num_images"] },
    },
    {
      what: "a wrong size",
      ...{ url: "/fal-ai/flux/schnell", body: { prompt: "x", image_size: "huge" }, loc: ["body", "image_size"] },
    },
    {
      what: "a private webhook",
      ...{ url: "/fal-ai/veo3?fal_webhook=http://10.0.0.1/", body: VEO, loc: ["query", "fal_webhook"] },
    },
  ])("$what: 422 with its place", async ({ url = "/fal-ai/veo3", body, loc }) => {
    for (const base of [QUEUE, `${QUEUE}/queue.fal.run`, `${QUEUE}/fal.run`]) {
      const answer = await post(base + url, body);
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc, msg: answer.body.message }] } });
      expect(answer.body.message).toContain(loc.at(-1));
    }
  });

  test.each([
    { what: "no JSON", body: "{", status: 400 },
    { what: "another content type", body: "a=b", headers: { "content-type": "text/plain" }, status: 415 },
    { what: "an unknown model", url: "/fal-ai/veo33", body: VEO, status: 404 },
    { what: "an endpoint of another provider", url: "/google/veo-3", body: VEO, status: 404 },
    { what: "nothing", url: "", body: VEO, status: 404 },
    { what: "a large upload", url: "/storage/upload/initiate-multipart", body: {}, status: 413 },
  ])("$what: $status with a text", async ({ url = "/fal-ai/veo3", body, headers = {}, status }) => {
    expect(await post(QUEUE + url, body, headers)).toMatchObject({ status, body: { detail: expect.any(String) } });
  });

  test.each([
    "http://queue.fal.run/fal-ai/veo3",
    "https://queue.fal.run:8443/fal-ai/veo3",
    "https://queue.fal.run.example.com/fal-ai/veo3",
    "https://example.com/queue.fal.run/fal-ai/veo3",
    "https://api.fal.ai/v1/models",
    "/fal-ai/veo3",
    "",
  ])("the target %s is not of fal: 422", async (target) => {
    for (const method of ["POST", "GET", "PUT"]) {
      const answer = await proxied(method, target, method === "GET" ? undefined : VEO);
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ["header", "x-fal-target-url"] }] } });
      expect(answer.body.message).toContain("queue.fal.run");
    }
  });

  test.each([
    ["POST", "https://rest.fal.ai/fal-ai/veo3"],
    ["POST", "https://rest.alpha.fal.ai/tokens/"],
    ["GET", "https://queue.fal.run/fal-ai/veo3"],
    ["PUT", "https://queue.fal.run/fal-ai/veo3/requests/x/status"],
    ["DELETE", "https://queue.fal.run/fal-ai/veo3/requests/x"],
    ["GET", "https://queue.fal.run/fal-ai/veo3/requests/unknown"],
    ["GET", "https://queue.fal.run/fal-ai/veo3/requests/unknown/status/stream"],
    ["PUT", "https://queue.fal.run/fal-ai/veo3/requests/unknown/cancel"],
  ])("%s %s: 404", async (method, target) => {
    const body = method === "GET" ? undefined : VEO;
    expect(await proxied(method, target, body)).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
  });

  test("a wrong key: 401, in each of fal's forms", async () => {
    const headers = { authorization: "Key vg-unknown-key-0123456789" };
    for (const url of [VEO_URL, `${QUEUE}/storage/upload/initiate`])
      expect(await api.call("POST", url, { body: VEO, headers, key: null })).toMatchObject({
        ...{ status: 401, body: { detail: expect.any(String) } },
      });
  });
});

test("the direct form: answers 504 while it renders, and an equal call waits for the same request", async () => {
  const input = fresh();
  const direct = () => proxied("POST", "https://fal.run/fal-ai/veo3", input);
  const [first, second] = [await direct(), await direct()];
  expect([first.status, second.status]).toEqual([504, 504]);
  expect(second.body.details).toEqual(first.body.details);
  const { request_id: id } = first.body.details;
  await api.complete(id);
  const ended = await direct();
  expect(ended).toMatchObject({
    status: 200,
    body: { video: { content_type: "video/mp4", file_name: `${id}-0.mp4` } },
  });
  expect(ended.headers.get("x-fal-request-id")).toBe(id);
});

test("a failure that may be repeated: 502 for the call that waits, 424 for a read of the result", async () => {
  const input = fresh();
  const { request_id: id } = (await post(VEO_URL, input)).body;
  const direct = api.call("POST", `${QUEUE}/fal.run/fal-ai/veo3`, { body: input });
  await api.fail(id, { retryable: true, charged: false });
  expect(await direct).toMatchObject({ status: 502, body: { detail: "it broke" } });
  expect(await get(`${VEO_URL}/requests/${id}`)).toMatchObject({ status: 424, body: { detail: "it broke" } });
  expect(await get(`${VEO_URL}/requests/${id}/status`)).toMatchObject({
    ...{ status: 200, body: { status: "COMPLETED", error: "it broke", error_type: "internal_error" } },
  });
});

test("an Idempotency-Key decides alone", async () => {
  const input = fresh();
  const submit = async (key: string) => (await post(VEO_URL, input, { "idempotency-key": key })).body.request_id;
  expect(await submit("one")).toBe(await submit("one"));
  expect(await submit("one")).not.toBe(await submit("two"));
});

test("fal_webhook is the webhook of the request", async () => {
  const { body } = await post(`${VEO_URL}?fal_webhook=https://example.com/hook`, fresh());
  const stored = await api.deps.store.requests.get({ organization: "default", id: body.request_id });
  expect(stored?.doc.webhookUrl).toBe("https://example.com/hook");
});

const FLUX = "fal-ai/flux/schnell";
test.each([
  { what: "fal's default", endpoint: FLUX, input: {}, params: { image_size: "landscape_4_3" }, size: null },
  {
    what: "a name",
    ...{ endpoint: FLUX, input: { image_size: "square" }, params: { image_size: "square" }, size: null },
  },
  {
    what: "a model without image_size",
    ...{ endpoint: "replicate/black-forest-labs/flux-1.1-pro", input: { image_size: "landscape_16_9" }, params: {} },
    size: { width: 1024, height: 576 },
  },
])("image_size: $what", async ({ endpoint, input, params, size }) => {
  const { body } = await post(`${QUEUE}/${endpoint}`, { prompt: `a size ${prompts++}`, ...input });
  const stored = await api.deps.store.requests.get({ organization: "default", id: body.request_id });
  expect(stored?.doc.input).toMatchObject({ params, size });
});

test("a request of another organization is not found", async () => {
  const { status_url: url } = (await post(VEO_URL, fresh())).body;
  expect((await api.call("GET", url, { key: OTHER_KEY })).status).toBe(404);
});

describe("uploads", () => {
  const png = async () =>
    sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
      .png()
      .toBuffer();
  const initiate = async () => {
    const { body } = await proxied("POST", "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3", {});
    return body as { upload_url: string; file_url: string };
  };
  const put = (url: string, body: Uint8Array) => api.call("PUT", url, { body, key: null });
  const imageOf = async (url: string, key?: string) =>
    api.call("POST", VEO_URL, { body: { ...fresh(), image_url: url }, ...(key && { key }) });

  test("the file is read by its URL, and is the image of a request", async () => {
    const { upload_url, file_url } = await initiate();
    expect((await put(upload_url, await png())).status).toBe(200);
    const read = await api.call("GET", file_url, { key: null });
    expect([read.status, read.headers.get("content-type"), read.bytes.equals(await png())]).toEqual([
      ...[200, "image/png", true],
    ]);
    const { request_id: id } = (await imageOf(file_url)).body;
    const stored = await api.deps.store.requests.get({ organization: "default", id });
    expect(stored?.doc.input.image?.kind).toBe("stored");
  });

  test("the URL to read does not write, and a changed one does nothing", async () => {
    const { upload_url, file_url } = await initiate();
    expect((await put(file_url, await png())).status).toBe(405);
    const wrong = [upload_url.replace("default", "globex"), upload_url.replace(/expires=\d/, "expires=9")];
    for (const url of wrong) expect((await put(url, await png())).status).toBe(401);
    expect((await api.call("GET", upload_url, { key: null })).status).toBe(401);
    expect((await put(upload_url, await png())).status).toBe(200);
  });

  test("what is not a whole image is refused", async () => {
    const { upload_url, file_url } = await initiate();
    for (const bytes of [Buffer.from("a text"), (await png()).subarray(0, 60)])
      expect(await put(upload_url, bytes)).toMatchObject({ status: 422, body: { detail: [{ type: "value_error" }] } });
    const large = Buffer.concat([await png(), Buffer.alloc(33 * 1024 ** 2)]);
    expect((await put(upload_url, large)).status).toBe(413);
    expect(await imageOf(file_url)).toMatchObject({ status: 422, body: { detail: [{ loc: ["body", "image_url"] }] } });
  });

  test("is only for its organization; a file can be sent for an hour, and is kept longer", async () => {
    const { upload_url, file_url } = await initiate();
    await put(upload_url, await png());
    expect((await imageOf(file_url, OTHER_KEY)).status).toBe(422);
    api.clock.advance(3_601_000);
    expect((await put(upload_url, await png())).status).toBe(404);
    expect((await imageOf(file_url)).status).toBe(200);
    api.clock.advance(31 * 86_400_000);
    expect((await imageOf(file_url)).status).toBe(422);
    expect((await api.call("GET", file_url, { key: null })).status).toBe(404);
  });
});
