/** What the API answers in this dialect, from the submit to the deletion. */
import { Readable } from "node:stream";
import { outputKey, posterKeyOf } from "@visgate/shared/outputs";
import { describe, expect, test } from "vitest";
import { OTHER_KEY, ref, useTestApi } from "../../../../../tests/support/api.js";
import { photo } from "../../../../../tests/support/photo.js";

const { api } = useTestApi();
const VIDEOS = "http://gateway.test/openai/v1/videos";
let made = 0;
const newPrompt = () => `a bird, ${made++}`;

const post = (fields: object) => api.call("POST", VIDEOS, { body: { prompt: newPrompt(), ...fields } });
const get = (path: string, headers: Record<string, string> = {}) => api.call("GET", `${VIDEOS}${path}`, { headers });
const remove = (id: string) => api.call("DELETE", `${VIDEOS}/${id}`);

async function postForm(entries: [name: string, value: string | Blob][]) {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  const sent = new Response(form);
  const headers = { "content-type": sent.headers.get("content-type") ?? "" };
  return api.call("POST", VIDEOS, { body: new Uint8Array(await sent.arrayBuffer()), headers });
}
const recordOf = async (id: string) => (await api.deps.store.requests.get(ref(id)))?.doc;
const imageBytes = async (padding = 0) => Buffer.from((await photo(padding)).split(",")[1] ?? "", "base64");

describe("POST /videos", () => {
  test("a form: its text has the types of the model", async () => {
    const prompt = newPrompt();
    const answer = await postForm([
      ...([
        ["model", "sora-2"],
        ["prompt", prompt],
        ["seconds", "8"],
        ["size", "720x1280"],
      ] as [string, string][]),
      ...([
        ["seed", "7"],
        ["params[generate_audio]", "false"],
        ["params[negative_prompt]", "5"],
      ] as [string, string][]),
    ]);
    expect([answer.status, answer.headers.get("openai-poll-after-ms")]).toEqual([200, "1000"]);
    expect(answer.body).toEqual({
      ...{ id: expect.any(String), object: "video", model: "fal-ai/veo3.1/fast", status: "queued", progress: 0 },
      ...{ created_at: Math.floor(api.clock.now() / 1000), completed_at: null, expires_at: null, error: null },
      ...{ prompt, seconds: "8", size: "720x1280", remixed_from_video_id: null },
    });
    expect((await recordOf(answer.body.id))?.input).toMatchObject({
      durationSeconds: 8,
      params: { seed: 7, generate_audio: false, negative_prompt: "5", aspect_ratio: "9:16", resolution: "720p" },
    });
  });

  test.each(["input_reference", "input_reference[image_url]"])("a form with a file as %s", async (name) => {
    const file = new File([await imageBytes()], "a.png", { type: "image/png" });
    const answer = await postForm([
      ["model", "sora-2-pro"],
      ["prompt", newPrompt()],
      [name, file],
    ]);
    expect(answer.body).toMatchObject({ status: "queued", model: "fal-ai/veo3.1", size: "auto", seconds: "4" });
    const { image } = (await recordOf(answer.body.id))?.input ?? {};
    expect(image).toMatchObject({ kind: "inline", dataUri: expect.stringMatching(/^data:image\/jpeg;base64,/) });
  });

  test("a large file is stored", async () => {
    const file = new File([await imageBytes(4 * 1024 * 1024)], "a.jpg");
    const answer = await postForm([
      ["prompt", newPrompt()],
      ["input_reference", file],
    ]);
    expect((await recordOf(answer.body.id))?.input.image).toMatchObject({ kind: "stored", contentType: "image/jpeg" });
  });

  test("the URL of an image, in a form and in JSON", async () => {
    const url = "https://images.example.com/a.png";
    const answers = [
      await postForm([
        ["prompt", newPrompt()],
        ["input_reference[image_url]", url],
      ]),
      await post({ input_reference: { image_url: url } }),
      await post({ input_reference: url }),
    ];
    for (const { body } of answers) expect((await recordOf(body.id))?.input.image).toEqual({ kind: "url", url });
  });

  test("JSON, with a model of another provider, its own names, and a number of seconds", async () => {
    const { body } = await post({
      model: "replicate/google/veo-3",
      seconds: 6,
      resolution: "720p",
      params: { seed: 3 },
    });
    expect(body).toMatchObject({ model: "replicate/google/veo-3", seconds: "6", size: "1280x720" });
    expect((await recordOf(body.id))?.input.params).toEqual({ resolution: "720p", seed: 3 });
  });

  test("equal calls are one video until it has ended and its caller has asked for it", async () => {
    const fields = { prompt: newPrompt() };
    const first = (await post(fields)).body.id;
    expect((await post(fields)).body.id).toBe(first);
    await api.complete(first);
    expect((await post(fields)).body).toMatchObject({ id: first, status: "completed" });
    await get(`/${first}`);
    expect((await post(fields)).body.id).not.toBe(first);
  });

  test("an Idempotency-Key decides alone", async () => {
    const call = (key: string, prompt: string) =>
      api.call("POST", VIDEOS, { body: { prompt }, headers: { "idempotency-key": key } });
    const first = await call("a", "one");
    expect((await call("a", "one")).body.id).toBe(first.body.id);
    expect((await call("b", "one")).body.id).not.toBe(first.body.id);
    const conflict = await call("a", "two");
    expect([conflict.status, conflict.body.error.code]).toEqual([409, "idempotency_conflict"]);
  });
});

describe("GET /videos/{id}", () => {
  test("while it renders, and when it has completed", async () => {
    const { id } = (await post({})).body;
    expect((await get(`/${id}`)).headers.get("openai-poll-after-ms")).toBe("1000");
    await api.complete(id);
    const { body, headers } = await get(`/${id}`);
    expect(body).toMatchObject({ status: "completed", progress: 100, completed_at: expect.any(Number), error: null });
    expect(headers.get("openai-poll-after-ms")).toBeNull();
  });

  test("when it has failed", async () => {
    const { id } = (await post({})).body;
    await api.fail(id, { code: "CONTENT_POLICY_VIOLATION", message: "it was refused" });
    const { body } = await get(`/${id}`);
    expect(body).toMatchObject({ status: "failed", error: { code: "moderation_blocked", message: "it was refused" } });
  });

  test("an image is not a video", async () => {
    const image = await api.call("POST", "/images/generate", {
      body: { model: "fal-ai/flux/schnell", prompt: "x" },
      headers: { prefer: "respond-async" },
    });
    expect((await get(`/${image.body.request_id}`)).status).toBe(404);
  });
});

describe("GET /videos/{id}/content", () => {
  test("the bytes, and a part of them", async () => {
    const { id } = (await post({})).body;
    await api.complete(id, Buffer.from("0123456789"));
    for (const path of [`/${id}/content`, `/${id}/content?variant=video`]) {
      const { status, headers, bytes } = await get(path);
      expect([status, headers.get("content-type"), bytes.toString()]).toEqual([200, "video/mp4", "0123456789"]);
    }
    const part = await get(`/${id}/content`, { range: "bytes=2-4" });
    expect([part.status, part.headers.get("content-range"), part.bytes.toString()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
  });

  test("its thumbnail is its poster; without one it is a 404", async () => {
    const { id } = (await post({})).body;
    const key = outputKey("default", id, 0, "mp4");
    const kept = await api.deps.outputs.put(key, Readable.from([Buffer.from("a film")]));
    await api.deps.outputs.put(posterKeyOf(key), Readable.from([Buffer.from("a picture")]));
    const posterSha256 = "0".repeat(64);
    await api.completeWith(id, [{ kind: "stored", key, contentType: "video/mp4", ...kept, posterSha256 }]);
    const { status, headers, bytes } = await get(`/${id}/content?variant=thumbnail`);
    expect([status, headers.get("content-type"), bytes.toString()]).toEqual([200, "image/jpeg", "a picture"]);
    const other = (await post({})).body;
    await api.complete(other.id);
    expect((await get(`/${other.id}/content?variant=thumbnail`)).status).toBe(404);
  });

  test("before its end: 409; of a failed one: its error", async () => {
    const { id } = (await post({})).body;
    const early = await get(`/${id}/content`);
    expect([early.status, early.body.error.code]).toEqual([409, "not_terminal"]);
    await api.fail(id, { retryable: false });
    const failed = await get(`/${id}/content`);
    expect([failed.status, failed.body.error]).toMatchObject([424, { type: "server_error", code: "provider_error" }]);
  });
});

describe("DELETE /videos/{id}", () => {
  test("of one that has ended", async () => {
    const { id } = (await post({})).body;
    await api.complete(id);
    expect((await remove(id)).body).toEqual({ id, object: "video.deleted", deleted: true });
    expect((await get(`/${id}`)).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
  });

  test("of one that was not sent yet: cancelled and deleted", async () => {
    const { id } = (await post({})).body;
    expect((await remove(id)).body).toEqual({ id, object: "video.deleted", deleted: true });
    expect(await recordOf(id)).toBeUndefined();
  });
});

describe("GET /videos", () => {
  /** All pages, by the ids of their videos. */
  async function pages(query: string): Promise<string[][]> {
    const found: string[][] = [];
    for (let after = ""; ; after = `&after=${found.at(-1)?.at(-1)}`) {
      const { body } = await get(`?${query}${after}`);
      found.push(body.data.map(({ id }: { id: string }) => id));
      expect([body.object, body.first_id, body.last_id]).toEqual(["list", found.at(-1)?.[0], found.at(-1)?.at(-1)]);
      if (!body.has_more) return found;
    }
  }

  test("newest first or oldest first, page by page, without images", async () => {
    const all = (await pages("limit=100")).flat();
    expect(all.length).toBeGreaterThan(10);
    expect((await pages("limit=3")).flat()).toEqual(all);
    const oldestFirst = await pages("limit=3&order=asc");
    expect(oldestFirst.flat()).toEqual(all.toReversed());
    expect(oldestFirst.slice(0, -1).every(({ length }) => length === 3)).toBe(true);
  });

  test("goes on behind a video that was deleted", async () => {
    const all = (await pages("limit=100")).flat();
    const [first = "", ...others] = all;
    await remove(first);
    expect((await pages(`limit=100&after=${first}`)).flat()).toEqual(others);
  });

  test("shows no videos of another organization", async () => {
    const answer = await api.call("GET", VIDEOS, { key: OTHER_KEY });
    expect(answer.body).toEqual({ object: "list", data: [], first_id: null, last_id: null, has_more: false });
  });
});
