/** Replicate's own SDK for Node.js, unmodified, with another base URL. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import Replicate, { validateWebhook } from "replicate";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { photo } from "../../support/photo.js";
import { startReceiver } from "../../support/receiver.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { probe } from "../../support/video.js";
import { CALLS, countDone, expectPaidOnce, paidByPrompt } from "../support/dialects.js";
import { snippetOf } from "../support/doc-snippets.js";

const MODEL = "google/veo-3";

let test: TestStack;
let replicate: Replicate;
beforeAll(async () => {
  test = await startTestStack();
  replicate = clientAt(test.stack.baseUrl);
});
afterAll(() => test.stop());

const clientAt = (url: string) =>
  new Replicate({ auth: test.stack.apiKey, baseUrl: `${url}/replicate/v1`, useFileOutput: false });

async function expectVideo(url: unknown): Promise<void> {
  const { seconds } = await probe(new Uint8Array(await (await fetch(String(url))).arrayBuffer()));
  expect(seconds).toBeCloseTo(4, 0);
}

const input = (prompt: string) => ({ prompt, duration: 4, aspect_ratio: "9:16", generate_audio: false });

it("run: makes a video, waits, and returns its URL", async () => {
  const output = await replicate.run(MODEL, { input: input("a bird over the sea") });
  await expectVideo(output);
});

it("run: a model of another provider, by its id", async () => {
  const output = await replicate.run("fal-ai/veo3", { input: { prompt: "a boat", duration: "4s" } });
  await expectVideo(output);
});

it("predictions: create answers as it began, get shows the end, list has it", async () => {
  const created = await replicate.predictions.create({ model: MODEL, input: input("a lighthouse"), wait: false });
  expect(created).toMatchObject({ status: "starting", model: MODEL, output: null, error: null });
  const ended = await replicate.wait(created, { interval: 50 });
  expect(ended).toMatchObject({ status: "succeeded", input: { prompt: "a lighthouse", aspect_ratio: "9:16" } });
  const { results } = await replicate.predictions.list();
  expect(results.find(({ id }) => id === created.id)).toMatchObject({ status: "succeeded", output: ended.output });
});

it("predictions: cancel", async () => {
  await test.simulator.settings({ render_seconds: 30 });
  const created = await replicate.predictions.create({ model: MODEL, input: input("a slow one"), wait: false });
  await replicate.predictions.cancel(created.id);
  const ended = await replicate.wait(created, { interval: 50 });
  expect(ended.status).toBe("canceled");
  await test.simulator.settings({ render_seconds: 0.5 });
});

it("files: one that the SDK uploads for an input, and one that is uploaded, shown, read and deleted", async () => {
  const [, base64 = ""] = (await photo()).split(",");
  const bytes = Buffer.from(base64, "base64");
  const pictured = await replicate.run(MODEL, { input: { ...input("a photo"), image: new Blob([bytes]) } });
  await expectVideo(pictured);
  const file = await replicate.files.create(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
  expect(file).toMatchObject({ content_type: "image/jpeg", size: bytes.length });
  expect(await replicate.files.get(file.id)).toEqual(file);
  expect(Buffer.from(await (await fetch(file.urls.get)).arrayBuffer())).toEqual(bytes);
  expect(await replicate.files.delete(file.id)).toBe(true);
  for (const id of [file.id, "no-such-file"]) {
    const { name, response } = await replicate.files.get(id).catch((thrown) => thrown);
    expect([name, response.status]).toEqual(["ApiError", 404]);
  }
  expect((await fetch(file.urls.get)).status).toBe(404);
});

it("webhook: the prediction, which validateWebhook accepts with the secret that the SDK gets", async () => {
  const receiver = await startReceiver([500]);
  onTestFinished(receiver.close);
  const made = { model: MODEL, input: input("a webhook"), webhook: receiver.url, wait: false } as const;
  const created = await replicate.predictions.create({ ...made, webhook_events_filter: ["completed"] });
  const [refused, { headers, body } = { headers: {}, body: "" }] = await receiver.atLeast(2, 30_000);
  expect(refused?.body).toBe(body);
  const { key } = await replicate.webhooks.default.secret.get();
  const request = (text: string) => new Request(receiver.url, { method: "POST", headers, body: text });
  expect(await validateWebhook(request(body), key)).toBe(true);
  expect(await validateWebhook(request(body.replace("succeeded", "failed")), key)).toBe(false);
  const { id, status, output } = JSON.parse(body);
  expect([id, status]).toEqual([created.id, "succeeded"]);
  await expectVideo(output);
  expect(JSON.parse(body)).toEqual(await replicate.predictions.get(created.id));
});

it("webhook_events_filter without completed: no webhook", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  const made = { model: MODEL, webhook: receiver.url, wait: false } as const;
  const silent = { ...made, input: input("no webhook"), webhook_events_filter: ["start" as const, "output" as const] };
  await replicate.wait(await replicate.predictions.create(silent), { interval: 50 });
  const { id } = await replicate.predictions.create({ ...made, input: input("a later webhook") });
  const [first] = await receiver.atLeast(1, 30_000);
  expect(JSON.parse(first?.body ?? "").id).toBe(id);
});

describe("errors are the SDK's own", () => {
  it.each([
    { what: "a wrong field", body: { ...input("x"), aspect_ratio: "7:5" }, status: 422, says: "aspect_ratio" },
    { what: "no prompt", body: { duration: 4 }, status: 422, says: "input.prompt is required" },
    { what: "a wrong duration", body: { ...input("x"), duration: "long" }, status: 422, says: "input.duration" },
  ])("$what: the field and what it takes", async ({ body, status, says }) => {
    const error = await replicate.predictions.create({ model: MODEL, input: body }).catch((thrown) => thrown);
    expect([error.name, error.response.status]).toEqual(["ApiError", status]);
    expect(error.message).toContain(says);
  });

  it("an unknown model, and an unknown key", async () => {
    const unknown = await replicate.run("google/veo-33", { input: input("x") }).catch((thrown) => thrown);
    expect([unknown.response.status, unknown.message]).toEqual([404, expect.stringContaining("google/veo-3")]);
    const stranger = new Replicate({ auth: "vg-0123456789abcdef0", baseUrl: `${test.stack.baseUrl}/replicate/v1` });
    const refused = await stranger.predictions.list().catch((thrown) => thrown);
    expect(refused.response.status).toBe(401);
  });

  it("a render that fails: its error", async () => {
    await test.simulator.settings({ disasters: [{ name: "fail", match_prompt: "this fails" }] });
    const error = await replicate.run(MODEL, { input: input("this fails") }).catch((thrown) => thrown);
    await test.simulator.settings({ disasters: [] });
    expect(error.message).toMatch(/^Prediction failed: /);
  });
});

it("docs/dialects.md: its code makes a video", async () => {
  const code = `${snippetOf("Replicate", "js", test.stack.baseUrl)}\nconsole.log(url);`;
  const env = { ...process.env, VISGATE_API_KEY: test.stack.apiKey };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { env });
  await expectVideo(stdout.trim());
});

it("equal calls, one after the other, each make a video", async () => {
  const run = () => replicate.run(MODEL, { input: input("the same"), wait: { mode: "poll", interval: 50 } });
  const [first, second] = [await run(), await run()];
  expect(first).not.toBe(second);
  expect((await paidByPrompt(test)).get("the same")).toBe(2);
});

it(`answers that are cut, and the SDK's repeats: ${CALLS} calls, each paid once at most`, async () => {
  // An image, because drawing a hundred videos takes the simulator a minute.
  await expectPaidOnce(
    test,
    (call) => `call ${call}`,
    (url, prompts) => {
      const cut = clientAt(url);
      const wait = { mode: "poll", interval: 500 } as const;
      return countDone(prompts.map((prompt) => cut.run("black-forest-labs/flux-schnell", { input: { prompt }, wait })));
    },
  );
});
