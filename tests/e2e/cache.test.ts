/** The result cache with real processes: two APIs, two workers, and a simulator that counts submits. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";
import { countBy } from "../support/store-bench.js";
import { probe } from "../support/video.js";

let test: TestStack;
let photo: string;
beforeAll(async () => {
  const jpeg = await sharp({ create: { width: 640, height: 360, channels: 3, background: "#20a040" } })
    .jpeg()
    .toBuffer();
  photo = `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  test = await startTestStack({ apis: 2, workers: 2 });
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

let prompts = 0;
/** A body that is equal to no other body in this file. */
const uniqueBody = (fields: object = {}) => {
  prompts += 1;
  return { model: "fal-ai/veo3", prompt: `video number ${prompts}`, duration_seconds: 4, ...fields };
};
const submits = async () => (await test.simulator.stats()).submits;
const api = (n: number) => test.callers[n % 2] ?? test.caller;

/** Submits `count` equal requests at once over both APIs. Resolves to their records when all have ended. */
async function runEqual(count: number, body: object) {
  const ids = await Promise.all(Array.from({ length: count }, (_, n) => api(n).submit(body)));
  expect(new Set(ids).size).toBe(count);
  return Promise.all(ids.map((id) => test.caller.finished(id)));
}

describe("equal requests", () => {
  it("20 at once: one submit, one charge, 19 joined; 20 more later: no submit, all from the cache", async () => {
    const body = uniqueBody();
    const first = await runEqual(20, body);
    expect(await submits()).toBe(1);
    expect(countBy(first, ({ status }) => status)).toEqual({ completed: 20 });
    expect(countBy(first, ({ cache_reason }) => cache_reason)).toEqual({ miss: 1, joined: 19 });
    expect(countBy(first, ({ cost }) => String(cost))).toEqual({ "1.6": 1, "0": 19 });
    expect(countBy(first, ({ charge_state }) => charge_state)).toEqual({ charged: 1, none: 19 });

    const second = await runEqual(20, body);
    expect(await submits()).toBe(1);
    expect(countBy(second, ({ cache_reason }) => cache_reason)).toEqual({ exact: 20 });
    expect(countBy(second, ({ cost }) => String(cost))).toEqual({ "0": 20 });
    for (const hit of second) {
      expect(hit).toMatchObject({ cache_hit: true, provider_cost_avoided_micro: 1_600_000, charge_state: "none" });
    }
  });

  it("cache hit: completes at once, with its own id and the same video", async () => {
    const body = uniqueBody();
    const first = await test.caller.generate(body);
    const again = await test.caller.generate(body, { prefer: "respond-async" });
    expect(again.body.status).toBe("pending");
    const hit = await test.caller.status(again.body.id);
    expect(hit).toMatchObject({ status: "completed", cache_hit: true, cache_reason: "exact", latency_ms: 0, cost: 0 });
    expect(hit.id).not.toBe(first.body.id);
    const videos = await Promise.all([first.body.video_url, hit.output_url].map(download));
    expect(videos[1]).toEqual(videos[0]);
    expect((await probe(videos[1] ?? new Uint8Array())).codec).toBe("h264");
    const sync = await test.caller.generate(body);
    expect(sync.body).toMatchObject({ cache_hit: true, cost: 0, provider_cost_avoided_micro: 1_600_000 });
  });

  it("cache hit: works for images", async () => {
    const body = { model: "fal-ai/flux/schnell", prompt: `picture number ${prompts}`, num_images: 2 };
    const first = await test.caller.call("POST", "/images/generate", { body });
    const again = await test.caller.call("POST", "/images/generate", { body });
    expect(await submits()).toBe(1);
    expect(again.body).toMatchObject({ cache_hit: true, cache_reason: "exact", cost: 0 });
    expect(again.body.images).toHaveLength(2);
    expect(await download(again.body.images[1])).toEqual(await download(first.body.images[1]));
  });
});

describe("which requests are equal", () => {
  it.each([
    ["another prompt", () => ({ prompt: "another video" })],
    ["another duration", () => ({ duration_seconds: 8 })],
    ["another model", () => ({ model: "fal-ai/veo3/fast" })],
    ["a param", () => ({ params: { seed: 7 } })],
    ["an image", () => ({ image_url: photo })],
    ["cache off", () => ({ cache: "off" })],
    ["the provider's own URL", () => ({ skip_gcs_upload: true })],
  ])("%s: is not equal, and is rendered", async (_what, difference) => {
    const body = uniqueBody();
    await test.caller.generate(body);
    const other = await test.caller.generate({ ...body, ...difference() });
    expect(other.body).toMatchObject({ cache_hit: false });
    expect(other.body).not.toHaveProperty("provider_cost_avoided_micro");
    expect(await submits()).toBe(2);
  });

  it.each([
    ["another duration that is mapped to the same one", () => [{}, { duration_seconds: 3.5 }]],
    [
      "another callback_id, metadata or deadline",
      () => [{}, { callback_id: "x", metadata: { a: "b" }, deadline_seconds: 99 }],
    ],
    [
      "params in another order",
      () => [{ params: { seed: 7, resolution: "720p" } }, { params: { resolution: "720p", seed: 7 } }],
    ],
    ["params at the top level of the body", () => [{ params: { seed: 7 } }, { seed: 7 }]],
    [
      "the same image bytes with another content type",
      () => [{ image_url: photo }, { image_url: photo.replace("image/jpeg", "image/png") }],
    ],
  ])("%s: is equal, and is a cache hit", async (_what, both) => {
    const body = uniqueBody();
    const [one, other] = both();
    await test.caller.generate({ ...body, ...one });
    expect((await test.caller.generate({ ...body, ...other })).body).toMatchObject({ cache_hit: true });
    expect(await submits()).toBe(1);
  });
});

describe("the cache entry", () => {
  it("cache refresh: renders again and replaces the entry", async () => {
    const body = uniqueBody();
    const first = await test.caller.generate(body);
    const refreshed = await test.caller.generate({ ...body, cache: "refresh" });
    expect(refreshed.body).toMatchObject({ cache_hit: false, cache_reason: "refreshed", cost: 1.6 });
    expect(await submits()).toBe(2);
    // The entry now belongs to the second request: deleting the first one does not remove it.
    const deleted = await test.caller.call("DELETE", `/requests/${first.body.id}`);
    expect(deleted.status).toBe(200);
    expect((await test.caller.generate(body)).body).toMatchObject({ cache_reason: "exact" });
    expect(await submits()).toBe(2);
  });

  it("shared output: is kept until the last request that uses it is deleted", async () => {
    const body = uniqueBody();
    const first = await test.caller.generate(body);
    const hit = await test.caller.generate(body);
    await test.caller.call("DELETE", `/requests/${first.body.id}`);
    expect((await fetch(first.body.video_url)).status).toBe(404);
    expect((await probe(await download(hit.body.video_url))).codec).toBe("h264");
    // The entry was deleted with the request that rendered it.
    expect((await test.caller.generate(body)).body).toMatchObject({ cache_reason: "miss" });
    await test.caller.call("DELETE", `/requests/${hit.body.id}`);
    expect((await fetch(hit.body.video_url)).status).toBe(404);
    expect(await filesOf(first.body.id)).toEqual([]);
  });

  it("Idempotency-Key: replays a cache hit like any other request", async () => {
    const body = uniqueBody();
    await test.caller.generate(body);
    const headers = { "idempotency-key": crypto.randomUUID() };
    const hit = await test.caller.generate(body, headers);
    const replay = await api(1).generate(body, headers);
    expect(replay.body).toMatchObject({ id: hit.body.id, cache_reason: "exact" });
    expect(replay.headers.get("idempotency-replayed")).toBe("true");
  });

  it("failure: is not cached", async () => {
    const body = uniqueBody();
    await test.simulator.settings({ disasters: [{ name: "fail", times: 1 }] });
    expect((await test.caller.generate(body)).status).toBe(502);
    expect((await test.caller.generate(body)).body).toMatchObject({ cache_reason: "miss" });
  });
});

/** The videos of the request that are in the output store. */
async function filesOf(id: string): Promise<string[]> {
  const files = await readdir(join(test.dataDir, "files"), { recursive: true });
  return files.filter((file) => file.includes(id) && file.endsWith(".mp4"));
}

async function download(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}
