/** The TypeScript SDK against the real stack: every method and its answer. */
import { PROVIDERS } from "@visgate/providers";
import { Client, type RequestStatus, VIDEO_MODEL_PRESETS, type VideoResult, verifyWebhook } from "@visgate_ai/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { photo } from "../support/photo.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { probe } from "../support/video.js";

let test: TestStack;
let client: Client;
let receiver: Receiver;
beforeAll(async () => {
  test = await startTestStack();
  receiver = await startReceiver();
  client = new Client({ apiKey: test.stack.apiKey, baseUrl: test.stack.baseUrl });
});
afterAll(async () => {
  client.close();
  await receiver.close();
  await test.stop();
});

const MODEL = "fal-ai/veo3";
const FRESH = { cache: "off", durationSeconds: 4 } as const;
const submit = (prompt: string) => client.videos.generate(MODEL, prompt, { ...FRESH, preferAsync: true });
const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it.each(Object.entries(VIDEO_MODEL_PRESETS))(
  "%s: videos.generate with the preset model returns every documented field",
  async (...of) => {
    const [provider, model] = of;
    const image = provider === "runway" ? { imageUrl: await photo() } : {};
    const result: VideoResult = await client.videos.generate(model, "a sunset", image);
    expect(result).toEqual({
      id: result.requestId,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      videoUrl: expect.stringMatching(/^http/),
      ...{ model, provider, mode: "managed", cacheHit: false, cacheReason: "miss", createdAt: iso },
      ...{ cost: expect.any(Number), latencyMs: expect.any(Number), durationSeconds: expect.any(Number) },
    });
    expect(result.cost).toBeGreaterThan(0);
    const media = new Uint8Array(await (await fetch(result.videoUrl)).arrayBuffer());
    expect((await probe(media)).seconds).toBeCloseTo(result.durationSeconds ?? 0, 0);
    expect(await client.requests.get(result.requestId)).toMatchObject({
      ...{ status: "completed", mediaType: "video", provider, model, outputUrl: result.videoUrl, errorMessage: null },
      ...{ createdAt: result.createdAt, completedAt: iso },
    });
  },
);

it("videos.generate: an equal call is a cache hit that says what it saved", async () => {
  const first = await client.videos.generate(MODEL, "the same again");
  const second = await client.videos.generate(MODEL, "the same again");
  expect(second).toMatchObject({ cacheHit: true, cacheReason: "exact", cost: 0 });
  expect(second.providerCostAvoidedMicro).toBe(Math.round(first.cost * 1e6));
});

it("preferAsync: returns the request, and wait() its result; params, metadata and callbackId arrive", async () => {
  const request = await client.videos.generate(MODEL, "async", {
    ...FRESH,
    params: { aspect_ratio: "9:16" },
    metadata: { order_id: "7" },
    callbackId: "mine",
    preferAsync: true,
  });
  expect(request).toMatchObject({ status: "pending", model: MODEL, createdAt: iso, statusUrl: expect.any(String) });
  const result = await request.wait();
  expect(result.videoUrl.split("?")[0]).toBe(request.outputUrlWhenReady?.split("?")[0]);
  const status = await client.requests.get(request.requestId);
  expect(status).toMatchObject({ metadata: { order_id: "7" }, callbackId: "mine" });
  const submits = await test.simulator.submits();
  expect(submits.find(({ body }) => body["prompt"] === "async")?.body["aspect_ratio"]).toBe("9:16");
});

it("onProgress: gets the same statuses as requests.events, in order", async () => {
  const seen: RequestStatus[] = [];
  const request = await submit("watched");
  const events = all(client.requests.events(request.requestId));
  await request.wait({ onProgress: (status) => void seen.push(status) });
  expect(seen[0]?.status).toMatch(/pending|processing/);
  expect(seen.at(-1)).toMatchObject({ status: "completed", progress: 1 });
  expect(await events).toEqual(expect.arrayContaining(seen.slice(1)));
  expect(await all(client.requests.events(request.requestId))).toEqual([seen.at(-1)]);
});

it("images.generate and generate: full results, with steps on request", async () => {
  const steps = [
    { name: "cache", ms: expect.any(Number) },
    { name: "provider", ms: expect.any(Number) },
  ];
  const result = await client.images.generate("fal-ai/flux/schnell", "two cats", {
    ...{ numImages: 2, width: 512, height: 512, seed: 7, cache: "off", includeSteps: true },
  });
  expect(result).toMatchObject({
    images: [expect.any(String), expect.any(String)],
    outputSizeBytes: expect.any(Number),
  });
  expect(result.steps).toEqual(expect.arrayContaining(steps));
  const quick = await client.generate("a cat");
  expect(quick).toMatchObject({ imageUrl: quick.images[0], resolution: { width: 1024, height: 1024 } });
  const request = await client.images.generate("fal-ai/flux/schnell", "a later cat", { preferAsync: true });
  expect((await request.wait()).images).toHaveLength(1);
  const { submits } = await test.simulator.stats();
  expect((await client.requests.list({ mediaType: "image", limit: 100 })).requests).toHaveLength(3);
  expect((await test.simulator.stats()).submits).toBe(submits);
});

it("requests.list, timeline and delete", async () => {
  const requests = await Promise.all(["one", "two", "three"].map((name) => submit(`listed ${name}`)));
  await Promise.all(requests.map((request) => request.wait()));
  const ids = requests.map(({ requestId }) => requestId);
  const page = await client.requests.list({ model: MODEL, limit: 2 });
  expect(page.requests).toHaveLength(2);
  expect(page.nextCursor).not.toBeNull();
  const listed = (await all(page)).map(({ requestId }) => requestId);
  expect(listed).toEqual(expect.arrayContaining(ids));
  expect(new Set(listed).size).toBe(listed.length);
  const [id = ""] = ids;
  expect((await client.requests.timeline(id)).map(({ name }) => name)).toEqual(
    expect.arrayContaining(["accepted", "submitted", "completed"]),
  );
  expect(await client.requests.delete(id)).toEqual({ requestId: id, deleted: true });
});

it("requests.cancel: answers with a message about the money and ends the request", async () => {
  await test.simulator.settings({ disasters: [{ name: "never_finish", match_prompt: "cancelled" }] });
  const request = await submit("cancelled");
  const answer = await client.requests.cancel(request.requestId);
  expect(answer).toMatchObject({ requestId: request.requestId, status: "cancelling", message: expect.any(String) });
  expect(await client.requests.wait(request.requestId)).toMatchObject({ errorCode: "CANCELLED" });
});

it("events.list and events.follow: start after the given event", async () => {
  const { latest } = await client.events.list({ limit: 1 });
  const stop = new AbortController();
  const following = client.events.follow({ after: latest, types: ["request.completed"], signal: stop.signal });
  const request = await submit("in the feed");
  const { value: event } = await following.next();
  expect(event).toMatchObject({ type: "request.completed", requestId: request.requestId });
  const ended = following.next();
  stop.abort();
  await expect(ended).rejects.toMatchObject({ errorCode: "ABORTED" });
  const { events } = await client.events.list({ after: latest });
  expect(events.at(-1)).toEqual(event);
});

it("webhooks: create, deliver, verify, redeliver, rotate the secret, delete", async () => {
  const endpoint = await client.webhookEndpoints.create({ url: receiver.url, events: ["request.completed"] });
  const request = await submit("sent by webhook");
  await request.wait();
  const [received] = await receiver.atLeast(1);
  if (received === undefined) throw new Error("no webhook arrived");
  const event = await verifyWebhook(received.body, received.headers, endpoint.secret);
  expect(event).toMatchObject({
    type: "request.completed",
    data: { requestId: request.requestId, status: "completed" },
  });

  // The attempt is written after the receiver has answered.
  const delivery = await until("the attempt in the time line", async () => {
    const [only] = await client.requests.deliveries(request.requestId);
    return only?.attempts.length === 1 && only;
  });
  expect(delivery).toMatchObject({ endpointId: endpoint.id, attempts: [{ httpStatus: 200 }] });
  await client.requests.redeliver(request.requestId, delivery.id);
  const rotated = await client.webhookEndpoints.rotateSecret(endpoint.id, { overlapSeconds: 60 });
  const [, again] = await receiver.atLeast(2);
  expect(again?.headers["webhook-id"]).toBe(received.headers["webhook-id"]);
  expect(rotated.secret).not.toBe(endpoint.secret);

  expect(await client.webhookEndpoints.update(endpoint.id, { enabled: false })).toMatchObject({ enabled: false });
  expect(await client.webhookEndpoints.get(endpoint.id)).toMatchObject({ disabledReason: "by_caller" });
  expect(await client.webhookEndpoints.redeliver(endpoint.id, "2026-01-01T00:00:00Z")).toEqual({ redelivering: 0 });
  expect(await client.webhooks.redeliver("2026-01-01T00:00:00Z")).toEqual({ redelivering: 0 });
  expect(await client.webhooks.secret()).toMatch(/^whsec_/);
  expect(await client.webhookEndpoints.list()).toHaveLength(1);
  expect(await client.webhookEndpoints.delete(endpoint.id)).toEqual({ id: endpoint.id, deleted: true });
});

it("providers.keys: a stored key makes the mode byok", async () => {
  const keys = await client.providers.keys.set({ provider: "runway", apiKey: "a-key-of-the-organization-0123" });
  const shown = { provider: "runway", validated: true, validatedAt: iso, maskedKey: "****0123", simulated: true };
  expect(keys).toEqual([shown]);
  expect(await client.providers.keys.list()).toEqual(keys);
  const result = await client.videos.generate("runway/gen4.5", "stored", { cache: "off" });
  expect(result).toMatchObject({ provider: "runway" });
  expect((await client.requests.get(result.id)).mode).toBe("byok");
  expect(await client.providers.keys.delete("runway")).toEqual([]);
  await expect(client.providers.keys.delete("runway")).rejects.toMatchObject({ errorCode: "NOT_FOUND" });
  const refused = client.providers.keys.set({ provider: "runway", apiKey: "invalid" });
  await expect(refused).rejects.toMatchObject({ errorCode: "VALIDATION_ERROR", field: "api_key" });
});

it("apiKeys: a key is made with fewer rights, listed, and revoked", async () => {
  const made = await client.apiKeys.create({ name: "reader", scopes: ["read"] });
  const reader = new Client({ apiKey: made.key, baseUrl: test.stack.baseUrl });
  expect((await reader.me()).key).toMatchObject({ id: made.id, scopes: ["read"] });
  await expect(reader.videos.generate(MODEL, "refused")).rejects.toMatchObject({ errorCode: "FORBIDDEN" });
  expect((await client.apiKeys.list()).map(({ id }) => id)).toContain(made.id);
  expect(await client.apiKeys.delete(made.id)).toEqual({ id: made.id, deleted: true });
  await expect(client.apiKeys.delete(made.id)).rejects.toMatchObject({ errorCode: "NOT_FOUND" });
});

it("quotes, usage, budgets and receipts", async () => {
  const quote = await client.quotes.create(MODEL, "quoted", { durationSeconds: 4 });
  expect(quote).toMatchObject({ model: MODEL, durationSeconds: 4, wouldBeAccepted: true });
  const request = await submit("counted");
  await client.requests.wait(request.requestId);
  const receipt = await client.requests.receipt(request.requestId);
  expect(receipt).toMatchObject({ chargeState: "charged", heldUsd: 0, attempts: [{ outcome: "accepted" }] });
  await expect(client.requests.settle(request.requestId, { outcome: "released" })).rejects.toMatchObject({
    errorCode: "ALREADY_TERMINAL",
  });
  expect((await client.usage.get({ period: "day" })).totalRequests).toBeGreaterThan(0);
  expect((await client.usage.dashboard()).totalCostUsd).toBeGreaterThan(0);
  expect((await client.usage.logs({ limit: 1 }))[0]).toMatchObject({ id: request.requestId });
  expect(await client.usage.export()).toMatch(/^day,mode,provider,model,/);
  const budget = { subject: "organization", period: "month", limitUsd: 1_000_000 } as const;
  expect(await client.usage.budgets.set(budget)).toMatchObject({ subject: "organization", limitUsd: 1_000_000 });
  expect(await client.usage.budgets.list()).toHaveLength(1);
  expect((await client.usage.billing()).monthlyBudgetUsd).toBe(1_000_000);
  expect(await client.usage.budgets.delete(budget)).toMatchObject({ deleted: true });
});

it("models, providers, health, diagnostics and me", async () => {
  const { models, totalCount } = await client.models.list({ provider: "runway", mediaType: "video" });
  expect(models).toHaveLength(totalCount);
  expect(await client.models.get("replicate/google/veo-3")).toMatchObject({
    provider: "replicate",
    mediaType: "video",
  });
  expect((await client.models.list({ featured: true })).featured.length).toBeGreaterThan(0);
  const accounts = (await client.providers.balances()).map(({ provider }) => provider);
  expect(accounts).toEqual(PROVIDERS.map(({ manifest }) => manifest.name));
  expect(await client.providers.validate({ provider: "fal", apiKey: "invalid" })).toMatchObject({ valid: false });
  expect(await client.providers.validate({ provider: "fal", apiKey: "mine" })).toMatchObject({ simulated: true });
  expect(await client.health()).toMatchObject({ status: "ok", database: "ok" });
  expect(await client.diagnostics()).toMatchObject({
    accepting: true,
    redis: { safe: true, clockAheadMs: expect.any(Number) },
  });
  expect(await client.me()).toEqual({
    organization: { id: "default", name: expect.any(String) },
    role: "api-key",
    key: { id: "bootstrap", name: "VISGATE_API_KEY", scopes: ["generate", "read", "manage"] },
  });
});

it("getToken is called before every call; a provider key of the caller makes the mode byok", async () => {
  let asked = 0;
  const byToken = new Client({
    baseUrl: test.stack.baseUrl,
    falKey: "a-key-of-mine",
    getToken: async () => {
      asked += 1;
      return test.stack.apiKey;
    },
  });
  const result = await byToken.videos.generate(MODEL, "mine", FRESH);
  expect(result.mode).toBe("byok");
  expect(asked).toBeGreaterThanOrEqual(2);
});

it("files.upload: a video of 90 MB is extended, and the provider gets it through its own file API", async () => {
  const head = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
  const clip = new Blob([head, new Uint8Array(89 * 1024 ** 2)]);
  const file = await client.files.upload(clip);
  expect(file).toMatchObject({ contentType: "video/mp4", bytes: clip.size });
  const result = await client.videos.generate("fal-ai/veo3.1", "it goes on", { ...FRESH, videoUrl: file.url });
  expect(result.durationSeconds).toBe(7);
  const sent = (await test.simulator.submits()).find(({ endpoint }) => endpoint === "fal-ai/veo3.1/extend-video");
  expect(sent?.body["video_url"]).toMatch(/\/storage\/files\//);
}, 120_000);

it("files.upload: what the gateway does not take is a ValidationError with its field", async () => {
  await expect(client.files.upload(Buffer.from("a text"))).rejects.toMatchObject({ field: "file", statusCode: 422 });
});
