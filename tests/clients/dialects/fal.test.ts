/** fal's own SDK for JavaScript, unmodified, with its proxy URL or a middleware that leads to the gateway. */
import { execFile } from "node:child_process";
import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { promisify } from "node:util";
import { ApiError, createFalClient, type QueueStatus, ValidationError } from "@fal-ai/client";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startReceiver } from "../../support/receiver.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { gridAt, probe } from "../../support/video.js";
import { CALLS, countDone, expectPaidOnce, paidByPrompt } from "../support/dialects.js";
import { snippetOf } from "../support/doc-snippets.js";

const VEO = "fal-ai/veo3";
const FLUX = "fal-ai/flux/schnell";
const POLL = { pollInterval: 50 };

type Fal = ReturnType<typeof createFalClient>;
let test: TestStack;
let fal: Fal;
beforeAll(async () => {
  test = await startTestStack();
  fal = proxied(test.stack.baseUrl);
});
afterAll(() => test.stop());

/** Every call goes to one URL, with the URL at fal in a header. */
const proxied = (url: string, credentials = test.stack.apiKey): Fal =>
  createFalClient({ credentials, proxyUrl: { url: `${url}/fal`, when: "always" } });

/** Every host of fal becomes a path of the gateway. */
const rewritten = (url: string): Fal =>
  createFalClient({
    credentials: test.stack.apiKey,
    requestMiddleware: async (request) => ({ ...request, url: request.url.replace("https://", `${url}/fal/`) }),
  });

const bytesAt = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
const veo = (prompt: string) => ({ prompt, duration: "4s", aspect_ratio: "9:16", generate_audio: false }) as const;
const fails = (call: Promise<unknown>): Promise<ValidationError> =>
  call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (thrown) => thrown,
  );

describe.each([
  { form: "proxyUrl", clientAt: (url: string) => proxied(url) },
  { form: "requestMiddleware", clientAt: rewritten },
])("with $form", ({ form, clientAt }) => {
  let client: Fal;
  beforeAll(() => {
    client = clientAt(test.stack.baseUrl);
  });

  it("subscribe: makes a video, and shows each status", async () => {
    // Long enough for the worker to see it in the queue.
    await test.simulator.settings({ queue_seconds: 1.5 });
    onTestFinished(async () => void (await test.simulator.settings({ queue_seconds: 0.25 })));
    const seen: QueueStatus[] = [];
    const { data, requestId } = await client.subscribe(VEO, {
      ...{ input: veo(`a bird, ${form}`), ...POLL, logs: true },
      onQueueUpdate: (update) => void seen.push(update),
    });
    expect(await probe(await bytesAt(data.video.url))).toMatchObject({ width: 360, height: 640 });
    expect(data.video).toMatchObject({ content_type: "video/mp4", file_size: expect.any(Number) });
    expect(seen.map(({ request_id: id }) => id)).toEqual(seen.map(() => requestId));
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set(["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]));
    expect(seen.at(-1)).toMatchObject({ logs: [], metrics: { inference_time: expect.any(Number) } });
  });

  it("run: waits, and returns images", async () => {
    const { data } = await client.run(FLUX, { input: { prompt: `a red fox, ${form}`, num_images: 2, seed: 7 } });
    expect(data).toMatchObject({ prompt: `a red fox, ${form}`, seed: 7, has_nsfw_concepts: [false, false] });
    expect(data.images).toHaveLength(2);
    for (const image of data.images) {
      const { width, height, format } = await sharp(await bytesAt(image.url)).metadata();
      expect([image.content_type, image.width, image.height]).toEqual([`image/${format}`, width, height]);
      // What fal makes of this model when no size is given.
      expect([width, height]).toEqual([1024, 768]);
    }
  });
});

it("subscribe in streaming mode: the stream shows each status once", async () => {
  const seen: string[] = [];
  const { data } = await fal.subscribe(VEO, {
    ...{ input: veo("a stream"), mode: "streaming" },
    onQueueUpdate: ({ status }) => void seen.push(status),
  });
  expect(data.video.url).toMatch(/^http/);
  expect(seen.filter((status) => status !== "IN_QUEUE")).toEqual(["IN_PROGRESS", "COMPLETED"]);
});

it("queue: submit answers at once, the result is refused until the end, and URLs lead back here", async () => {
  const submitted = await fal.queue.submit(VEO, { input: veo("a lighthouse") });
  const { request_id: requestId, status_url, response_url } = submitted;
  expect(submitted).toMatchObject({ status: "IN_QUEUE", queue_position: expect.any(Number) });
  const early = await fails(fal.queue.result(VEO, { requestId }));
  expect([early.status, early.body]).toEqual([400, { detail: "Request is still in progress" }]);
  const stream = await fal.queue.streamStatus(VEO, { requestId });
  expect(await stream.done()).toMatchObject({ status: "COMPLETED", request_id: requestId, status_url });
  expect(await fal.queue.status(VEO, { requestId, logs: true })).toMatchObject({ status: "COMPLETED" });
  const headers = { authorization: `Key ${test.stack.apiKey}` };
  const answer = await fetch(response_url, { headers });
  expect(answer.headers.get("x-fal-request-id")).toBe(requestId);
  expect(await answer.json()).toEqual((await fal.queue.result(VEO, { requestId })).data);
});

it("queue: cancel", async () => {
  await test.simulator.settings({ render_seconds: 30 });
  const { request_id: requestId } = await fal.queue.submit(VEO, { input: veo("a slow one") });
  await fal.queue.cancel(VEO, { requestId });
  await fal.queue.subscribeToStatus(VEO, { requestId, ...POLL });
  await test.simulator.settings({ render_seconds: 0.5 });
  const error = await fails(fal.queue.result(VEO, { requestId }));
  expect(error).toMatchObject({ name: "ApiError", status: 424, body: { error_type: "client_cancelled" } });
  await fal.queue.cancel(VEO, { requestId });
});

describe("models and inputs", () => {
  it.each([
    { what: "a duration without its unit, as LiteLLM sends it", endpoint: VEO, input: { duration: "4" } },
    { what: "a model of another provider", endpoint: "replicate/google/veo-3", input: { duration: "4s" } },
  ])("$what", async ({ what, endpoint, input }) => {
    const { data } = await fal.subscribe(endpoint, { input: { ...input, prompt: what }, ...POLL });
    expect((await probe(await bytesAt(data.video.url))).seconds).toBeCloseTo(4, 0);
  });

  it("a Blob is uploaded, and is the first image of the video", async () => {
    const red = sharp({ create: { width: 90, height: 160, channels: 3, background: "#c03020" } });
    const blob = new Blob([new Uint8Array(await red.png().toBuffer())], { type: "image/png" });
    const { data } = await fal.subscribe("fal-ai/veo3.1/image-to-video", {
      input: { prompt: "it moves", duration: "4s", image_url: blob },
      ...POLL,
    });
    const [[r = 0, g = 0, b = 0] = []] = await gridAt(await bytesAt(data.video.url), 0, { columns: 1, rows: 1 });
    expect([r > 120, g < 100, b < 100]).toEqual([true, true, true]);
  });
});

describe("errors are the SDK's own", () => {
  it.each([
    { what: "a wrong value", input: { ...veo("x"), aspect_ratio: "7:5" }, field: "aspect_ratio", says: /16:9/ },
    {
      what: "a wrong duration",
      input: { ...veo("x"), duration: "60s" },
      field: "duration",
      says: /^duration .*at most 8/,
    },
    { what: "an unknown field", input: { ...veo("x"), loops: 3 }, field: "loops", says: /not a parameter/ },
    { what: "no prompt", input: { duration: "4s" }, field: "prompt", says: /prompt/ },
  ])("$what: a ValidationError with the field", async ({ input, field, says }) => {
    const error = await fails(fal.subscribe(VEO as string, { input }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.getFieldErrors(field)).toEqual([expect.objectContaining({ msg: expect.stringMatching(says) })]);
    expect(error.message).toMatch(says);
  });

  it("an upload that is neither an image nor a video nor a sound", async () => {
    const text = await fails(fal.storage.upload(new Blob(["a text"], { type: "image/png" })));
    expect([text.name, text.fieldErrors[0]?.msg]).toEqual(["ValidationError", expect.stringContaining("PNG")]);
  });

  it("an unknown model, and an unknown key", async () => {
    const unknown = await fails(fal.subscribe("fal-ai/veo33", { input: { prompt: "x" } }));
    expect([unknown.status, unknown.body.detail]).toEqual([404, expect.stringContaining("Did you mean fal-ai/veo3?")]);
    const stranger = proxied(test.stack.baseUrl, "vg-0123456789abcdef0");
    const refused = await fails(stranger.queue.status(VEO, { requestId: "x" }));
    expect(refused).toBeInstanceOf(ApiError);
    expect([refused.status, refused.body.detail]).toEqual([401, refused.message]);
  });

  it.each([
    { what: "fails", disaster: { name: "fail" }, name: "ApiError", status: 424 },
    { what: "is refused", disaster: { name: "late_moderation" }, name: "ValidationError", status: 422 },
  ])("a render that $what: COMPLETED, and the result is its error", async ({ what, disaster, name, status }) => {
    const prompt = `this ${what}`;
    await test.simulator.settings({ disasters: [{ ...disaster, match_prompt: prompt }] });
    const { request_id: requestId } = await fal.queue.submit(VEO, { input: veo(prompt) });
    const ended = await fal.queue.subscribeToStatus(VEO, { requestId, ...POLL });
    expect(ended).toMatchObject({ status: "COMPLETED", error: expect.any(String) });
    const error = await fails(fal.queue.result(VEO, { requestId }));
    await test.simulator.settings({ disasters: [] });
    expect([error.name, error.status, error.requestId]).toEqual([name, status, requestId]);
    if (status === 422) expect(error.fieldErrors).toMatchObject([{ type: "content_policy_violation" }]);
  });
});

/** As fal documents it: https://docs.fal.ai/model-apis/model-endpoints/webhooks. */
async function isSigned(headers: Record<string, string>, body: string): Promise<boolean> {
  const { keys } = (await (await fetch(`${test.stack.baseUrl}/fal/.well-known/jwks.json`)).json()) as {
    keys: JsonWebKey[];
  };
  const header = (name: string) => headers[`x-fal-webhook-${name}`] ?? "";
  const digest = createHash("sha256").update(body).digest("hex");
  const message = [header("request-id"), header("user-id"), header("timestamp"), digest].join("\n");
  const signature = Buffer.from(header("signature"), "hex");
  return keys.some((key) => verify(null, Buffer.from(message), createPublicKey({ key, format: "jwk" }), signature));
}

it("webhookUrl: fal's webhook, signed as fal signs", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  const { request_id: id } = await fal.queue.submit(VEO, { input: veo("a webhook"), webhookUrl: receiver.url });
  const [{ headers, body } = { headers: {}, body: "" }] = await receiver.atLeast(1, 30_000);
  const { data } = await fal.queue.result(VEO, { requestId: id });
  expect(JSON.parse(body)).toEqual({ request_id: id, gateway_request_id: id, status: "OK", payload: data });
  expect(await isSigned(headers, body)).toBe(true);
  expect(await isSigned(headers, `${body} `)).toBe(false);
});

it("webhookUrl: a render that fails is an ERROR, with the detail that the SDK reads too", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  const input = veo("content policy test");
  const { request_id: id } = await fal.queue.submit(VEO, { input, webhookUrl: receiver.url });
  const [{ body } = { body: "" }] = await receiver.atLeast(1, 30_000);
  const told = JSON.parse(body);
  expect(told).toMatchObject({ request_id: id, status: "ERROR", error: "Invalid status code: 422" });
  const read = await fails(fal.queue.result(VEO, { requestId: id }));
  expect([read.status, read.body.detail]).toEqual([422, told.payload.detail]);
});

it("docs/dialects.md: its code makes a video", async () => {
  const code = snippetOf("fal", "js", test.stack.baseUrl);
  const env = { ...process.env, VISGATE_API_KEY: test.stack.apiKey };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { env });
  expect((await probe(await bytesAt(stdout.trim()))).seconds).toBeCloseTo(4, 0);
});

it("equal calls, one after the other, each make an image", async () => {
  const once = () => fal.subscribe(FLUX, { input: { prompt: "the same" }, ...POLL });
  const [first, second] = [await once(), await once()];
  expect(first.requestId).not.toBe(second.requestId);
  expect((await paidByPrompt(test)).get("the same")).toBe(2);
});

it(`answers that are cut, and the SDK's repeats: ${CALLS} calls, each paid once at most`, async () => {
  await expectPaidOnce(
    test,
    (call) => `call ${call}`,
    (url, prompts) => {
      const cut = proxied(url);
      const callOf = (prompt: string, n: number) =>
        n % 4 === 0 ? cut.run(FLUX, { input: { prompt } }) : cut.subscribe(FLUX, { input: { prompt } });
      return countDone(prompts.map(callOf));
    },
  );
});
