/** `POST /files`: files that later calls name as inputs. */
import { buffer } from "node:stream/consumers";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { ASYNC, BASE, expectNothingLeftBehind, OTHER_KEY, ref, useTestApi } from "../../../tests/support/api.js";

const PROVIDERS = new Map(["fal", "runway"].map((name) => [name, { apiKey: "the-server's-key", simulated: false }]));
const { api } = useTestApi({ settings: { providers: PROVIDERS } });
const VEO = { model: "fal-ai/veo3.1", prompt: "a lighthouse" } as const;
const DAY_MS = 86_400_000;
const MB = 1024 * 1024;
const MP4_HEAD = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
const MP3 = Buffer.concat([Buffer.from("fffb9064", "hex"), Buffer.alloc(413)]);

let png: Buffer;
let jpeg: Buffer;
beforeAll(async () => {
  const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: "teal" } });
  [png, jpeg] = [await picture.clone().png().toBuffer(), await picture.clone().jpeg().toBuffer()];
});

interface Part {
  name?: string;
  bytes: Uint8Array;
  filename?: string | null;
}
const BOUNDARY = "----a-boundary";
function formOf(parts: Part[], end = `--${BOUNDARY}--\r\n`): Buffer {
  const texts = parts.flatMap(({ name = "file", bytes, filename = "a.bin" }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(`${filename === null ? "" : `; filename="${filename}"\r\nContent-Type: text/plain`}\r\n\r\n`),
    ...[Buffer.from(bytes), Buffer.from("\r\n")],
  ]);
  return Buffer.concat([...texts, Buffer.from(end)]);
}
const FORM = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
const send = (body: Uint8Array, headers: Record<string, string> = FORM) =>
  api.call("POST", "/files", { body, headers });
const upload = (bytes: Uint8Array) => send(formOf([{ bytes }]));

async function uploaded(bytes: Uint8Array) {
  const { status, body } = await upload(bytes);
  expect([status, body.message]).toEqual([201, undefined]);
  return body as {
    id: string;
    url: string;
    content_type: string;
    bytes: number;
    created_at: string;
    expires_at: string;
  };
}

describe("a file", () => {
  test.each([
    { what: "a PNG", bytes: () => png, type: "image/png", extension: "png" },
    { what: "a JPEG", bytes: () => jpeg, type: "image/jpeg", extension: "jpg" },
    { what: "a video", bytes: () => MP4_HEAD, type: "video/mp4", extension: "mp4" },
    { what: "a sound", bytes: () => MP3, type: "audio/mpeg", extension: "mp3" },
  ])("$what: its bytes decide the type, and its URL downloads it", async ({ bytes, type, extension }) => {
    const file = await uploaded(bytes());
    expect(file).toEqual({
      ...{ id: expect.any(String), content_type: type, bytes: bytes().length },
      url: expect.stringMatching(new RegExp(`^${BASE}/api/v1/files/default/${file.id}/file\\.${extension}\\?expires=`)),
      created_at: new Date(api.clock.now()).toISOString(),
      expires_at: expect.stringMatching(/Z$/),
    });
    expect(Date.parse(file.expires_at) - api.clock.now()).toBeGreaterThan(29 * DAY_MS);
    const read = await api.call("GET", file.url, { key: null });
    expect([read.status, read.headers.get("content-type"), read.bytes.equals(bytes())]).toEqual([200, type, true]);
    const part = await api.call("GET", file.url, { key: null, headers: { range: "bytes=0-3" } });
    expect([part.status, part.bytes.equals(bytes().subarray(0, 4))]).toEqual([206, true]);
  });

  test("is an input of several requests, and each has a copy of its own", async () => {
    const [image, clip] = [await uploaded(png), await uploaded(MP4_HEAD)];
    const inputOf = async (body: object) => {
      const answer = await api.call("POST", "/videos/generate", { body: { ...VEO, ...body }, headers: ASYNC });
      expect([answer.status, answer.body.message]).toEqual([202, undefined]);
      return (await api.deps.store.requests.get(ref(answer.body.request_id)))?.doc;
    };
    const one = await inputOf({ image_url: image.url });
    const other = await inputOf({ image_urls: [image.url, image.url.replace("gateway.test", "127.0.0.1:1234")] });
    const extended = await inputOf({ video_url: clip.url });
    expect(one?.input.image).toEqual({
      ...{ kind: "stored", key: `default/in/${one?.id}/input.png`, contentType: "image/png" },
    });
    expect(other?.input.media?.map(({ source }) => source.kind)).toEqual(["stored", "stored"]);
    expect(extended?.input.media?.[0]?.source).toMatchObject({ contentType: "video/mp4" });
    await api.deps.outputs.removeCallerFiles(Date.now() + DAY_MS);
    const kept = await api.deps.outputs.open(`default/in/${one?.id}/input.png`);
    expect(kept && (await buffer(kept.stream()))).toEqual(png);
    const gone = await api.call("POST", "/videos/generate", { body: { ...VEO, image_url: image.url } });
    expect([gone.status, gone.body.message]).toEqual([422, "image_url is a file that is not kept; upload it again."]);
    expect((await api.call("GET", image.url, { key: null })).status).toBe(404);
  });

  test("equal bytes are the same input, whatever their URL", async () => {
    const hashOf = async (url: string) => {
      const body = { ...VEO, prompt: "equal", image_url: url, cache: "refresh" };
      const { request_id: id } = (await api.call("POST", "/videos/generate", { body, headers: ASYNC })).body;
      return (await api.deps.store.requests.get(ref(id)))?.doc.cache.hash;
    };
    const [first, second] = [await uploaded(png), await uploaded(png)];
    expect(first.url).not.toBe(second.url);
    expect(await hashOf(first.url)).toBe(await hashOf(second.url));
  });

  test("is only for its organization, and its URL cannot be changed", async () => {
    const { url } = await uploaded(png);
    const submit = (image_url: string, key?: string) =>
      api.call("POST", "/videos/generate", { body: { ...VEO, image_url }, ...(key && { key }) });
    // For another organization it is a URL like any other, of a host that is not public.
    expect((await submit(url, OTHER_KEY)).status).toBe(422);
    const changed = url.replace(/signature=.{4}/, "signature=AAAA");
    expect((await submit(changed)).body.message).toContain("has a wrong signature");
    expect((await api.call("GET", changed, { key: null })).status).toBe(401);
    expect((await api.call("GET", url.replace("/file.png", "/0.png"), { key: null })).status).toBe(401);
  });

  test("a file of another type is refused where it does not fit", async () => {
    const { url } = await uploaded(MP3);
    const { status, body } = await api.call("POST", "/videos/generate", { body: { ...VEO, video_url: url } });
    expect([status, body.message]).toEqual([
      422,
      "video_url is a file of type audio/mpeg; send an MP4, MOV or WebM video.",
    ]);
  });
});

describe("an image that no provider takes as it is", () => {
  const avif = () =>
    sharp({ create: { width: 64, height: 48, channels: 3, background: "teal" } })
      .avif()
      .toBuffer();
  const dataUri = async () => `data:image/avif;base64,${(await avif()).toString("base64")}`;
  const submit = (body: object) => api.call("POST", "/videos/generate", { body: { ...VEO, ...body }, headers: ASYNC });

  test("is converted when it is uploaded", async () => {
    const file = await uploaded(await avif());
    expect(file).toMatchObject({ content_type: "image/jpeg", url: expect.stringContaining("/file.jpg?") });
    expect((await sharp((await api.call("GET", file.url, { key: null })).bytes).metadata()).format).toBe("jpeg");
  });

  test("in a data: URI, it is converted with convert: true, and else the 422 says so", async () => {
    const refused = await submit({ image_url: await dataUri() });
    expect([refused.status, refused.body.message]).toEqual([
      422,
      "image_url is image/avif, which no provider takes; convert: true converts it.",
    ]);
    const { status, body } = await submit({ image_url: await dataUri(), convert: true });
    expect(status).toBe(202);
    const image = (await api.deps.store.requests.get(ref(body.request_id)))?.doc.input.image;
    expect(image).toMatchObject({ kind: "inline", dataUri: expect.stringMatching(/^data:image\/jpeg/) });
  });

  test("an https URL is not fetched, so convert: true is refused for it", async () => {
    const { status, body } = await submit({ image_url: "https://images.example.com/a.heic", convert: true });
    expect([status, body.details.field, body.message]).toEqual([
      422,
      "image_url",
      expect.stringContaining("POST /files"),
    ]);
  });
});

describe("what is refused leaves nothing behind", () => {
  expectNothingLeftBehind(api);

  test.each([
    {
      what: "no form",
      headers: { "content-type": "application/json" },
      body: "{}",
      status: 415,
      says: "multipart/form-data",
    },
    {
      what: "no boundary",
      headers: { "content-type": "multipart/form-data" },
      body: "x",
      status: 400,
      says: "boundary",
    },
    { what: "no part", body: formOf([]), status: 422, field: "file", says: "is required" },
    {
      what: "another part",
      body: formOf([{ name: "image", bytes: MP3 }]),
      status: 422,
      field: "image",
      says: "as file",
    },
    {
      what: "a text",
      body: formOf([{ bytes: MP3, filename: null }]),
      status: 422,
      field: "file",
      says: "without a filename",
    },
    {
      what: "two files",
      body: formOf([{ bytes: MP3 }, { bytes: MP3 }]),
      status: 422,
      field: "file",
      says: "given twice",
    },
    { what: "an empty file", body: formOf([{ bytes: Buffer.alloc(0) }]), status: 422, field: "file", says: "is empty" },
    {
      what: "a file of another type",
      ...{ body: formOf([{ bytes: Buffer.from("<svg/>") }]), status: 422, field: "file", says: "must hold a JPEG" },
    },
    {
      what: "a program",
      body: formOf([{ bytes: Buffer.from("7f454c460201", "hex") }]),
      status: 422,
      field: "file",
      says: "or an MP3",
    },
    { what: "a form without its end", body: formOf([{ bytes: MP3 }], ""), status: 400, says: "not valid multipart" },
    {
      what: "a form without its end, of a large file",
      body: formOf([{ bytes: Buffer.concat([MP4_HEAD, Buffer.alloc(MB)]) }], ""),
      status: 400,
      says: "not valid",
    },
  ])("$what: $status", async ({ body, headers = FORM, status, field, says }) => {
    const answer = await send(body as Uint8Array, headers);
    expect([answer.status, answer.body.details?.field]).toEqual([status, field]);
    expect(answer.body.message).toContain(says);
  });

  test("an image that is cut off", async () => {
    const { status, body } = await upload(png.subarray(0, png.length - 20));
    expect([status, body.details.field, body.message]).toEqual([422, "file", expect.stringContaining("cut off")]);
  });

  test("a video of more than 100 MB, and an image of more than 32 MB", async () => {
    const clip = await upload(Buffer.concat([MP4_HEAD, Buffer.alloc(100 * MB)]));
    expect([clip.status, clip.body.details]).toEqual([413, { field: "file", max_bytes: 100 * MB }]);
    const image = await upload(Buffer.concat([png, Buffer.alloc(32 * MB)]));
    expect([image.status, image.body.details]).toEqual([413, { field: "file", max_bytes: 32 * MB }]);
  });

  test("a body that is announced as larger is not read", async () => {
    const { status, body } = await upload(Buffer.concat([MP4_HEAD, Buffer.alloc(101 * MB)]));
    expect([status, body.error]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  });

  test("a file that the store does not take is a 503", async () => {
    const { put } = api.deps.outputs;
    api.deps.outputs.put = () => Promise.reject(new Error("ENOSPC"));
    const { status } = await upload(MP4_HEAD);
    api.deps.outputs.put = put;
    expect(status).toBe(503);
  });

  test("without a key, or with one that may only read", async () => {
    const body = formOf([{ bytes: MP3 }]);
    expect((await api.call("POST", "/files", { body, headers: FORM, key: null })).status).toBe(401);
  });
});
