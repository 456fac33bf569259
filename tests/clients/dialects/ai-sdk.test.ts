/** Vercel's AI SDK, unmodified, with another base URL: its gateway provider, and its provider of Replicate. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { photo } from "../../support/photo.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { probe } from "../../support/video.js";
import { type AiSdk, findAiSdk } from "../support/ai-sdk.js";
import { CALLS, expectPaidOnce, paidByPrompt } from "../support/dialects.js";
import { snippetOf } from "../support/doc-snippets.js";

interface Told {
  files: { path: string; mediaType: string }[];
  gateway?: { generationId: string; cost: string };
  models?: { id: string; modelType: string }[];
  error?: { kind: string; message: string; statusCode?: number; modelId?: string; isRetryable?: boolean };
}

const dir = mkdtempSync(join(tmpdir(), "visgate-ai-sdk-"));
let test: TestStack;
let aiSdk: AiSdk;
let told: Record<string, Told>;
beforeAll(async () => {
  [test, aiSdk] = await Promise.all([startTestStack(), findAiSdk()]);
  await test.simulator.settings({ disasters: [{ name: "fail", match_prompt: "this fails" }] });
  told = await runAt(test.stack.baseUrl, ["calls"]);
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await test.stop();
});

const runAt = async (url: string, args: string[]) =>
  aiSdk.runProgram(args, { VISGATE_URL: url, VISGATE_API_KEY: test.stack.apiKey, IMAGE: await photo(), OUT: dir });

function filesOf(call: string): Buffer[] {
  expect(told[call]?.error).toBeUndefined();
  return (told[call]?.files ?? []).map(({ path }) => readFileSync(path));
}

describe("videos and images", () => {
  it.each([
    { call: "waits", what: "one call that waits", shape: 9 / 16, seconds: 4 },
    { call: "polls", what: "start and status, of an image", shape: 16 / 9, seconds: 4 },
    { call: "pollsAgain", what: "the same call again", shape: 16 / 9, seconds: 2 },
    { call: "replicateVideo", what: "@ai-sdk/replicate", shape: 16 / 9, seconds: 4 },
  ])("a video: $what", async ({ call, shape, seconds }) => {
    const [video] = filesOf(call);
    expect(told[call]?.files[0]?.mediaType).toBe("video/mp4");
    const found = await probe(video ?? Buffer.of());
    expect(found.width / found.height).toBeCloseTo(shape, 1);
    expect(found.seconds).toBeCloseTo(seconds, 0);
  });

  it("an equal call after the first has ended makes a video of its own", async () => {
    expect((await paidByPrompt(test)).get("the same")).toBe(2);
  });

  it("settings and the options of the provider arrive there", async () => {
    const sent = (await test.simulator.submits()).map(({ body }) => body);
    const fields = { aspect_ratio: "9:16", generate_audio: false, duration: "4s" };
    expect(sent).toContainEqual(expect.objectContaining({ prompt: "a bird over the sea", ...fields }));
    const input = expect.objectContaining({ resolution: "720p", negative_prompt: "rain", prompt: "it moves" });
    expect(sent).toContainEqual(expect.objectContaining({ input }));
  });

  it.each([
    { call: "images", count: 2, shape: 2 },
    { call: "shapedImage", count: 1, shape: 16 / 9 },
    { call: "replicateImage", count: 1, shape: 16 / 9 },
  ])("images: $call", async ({ call, count, shape }) => {
    const images = filesOf(call);
    expect(images).toHaveLength(count);
    for (const image of images) {
      const { width, height } = await sharp(image).metadata();
      expect(width / height).toBeCloseTo(shape, 1);
    }
  });

  it("providerMetadata: the id and the cost in dollars", () => {
    expect(told["waits"]?.gateway).toEqual({ generationId: expect.any(String), cost: expect.stringMatching(/^\d/) });
  });

  it("the models are there, with their type", () => {
    expect(told["models"]?.models).toContainEqual(expect.objectContaining({ id: "fal-ai/veo3", modelType: "video" }));
  });
});

describe("errors are the SDK's own", () => {
  it.each([
    { call: "wrongField", kind: "GatewayInvalidRequestError", statusCode: 422, says: "16:9, 9:16" },
    { call: "unknownModel", kind: "GatewayModelNotFoundError", statusCode: 404, says: "Did you mean fal-ai/veo3?" },
    { call: "unknownImageModel", kind: "GatewayModelNotFoundError", statusCode: 404, says: "fal-ai/flux/schnell" },
    { call: "wrongKey", kind: "GatewayAuthenticationError", statusCode: 401, says: "" },
    { call: "wrongReplicateField", kind: "AI_APICallError", statusCode: 422, says: "duration" },
    { call: "failed", kind: "GatewayInternalServerError", statusCode: 502, says: "fal" },
    { call: "failedImage", kind: "GatewayInternalServerError", statusCode: 502, says: "fal" },
    { call: "failedPoll", kind: "Error", statusCode: undefined, says: "fal" },
    { call: "failedReplicate", kind: "Error", statusCode: undefined, says: "Video generation failed: " },
  ])("$call", ({ call, kind, statusCode, says }) => {
    const { error } = told[call] as Told;
    expect(error).toMatchObject({ kind, message: expect.stringContaining(says) });
    expect(error?.statusCode).toBe(statusCode);
  });

  it("an unknown model has its id", () => {
    expect(told["unknownModel"]?.error?.modelId).toBe("fal-ai/veo33");
  });
});

it("the snippet of docs/dialects.md makes a video", async () => {
  const snippet = snippetOf("AI SDK", "js", test.stack.baseUrl);
  await aiSdk.runText(snippet, { VISGATE_API_KEY: test.stack.apiKey }, dir);
  expect((await probe(readFileSync(join(dir, "bird.mp4")))).seconds).toBeCloseTo(4, 0);
});

describe.concurrent("answers that are cut, and the SDK's repeats", () => {
  it.each([
    { what: "images", calls: CALLS, promptOf: (call: number) => `image ${call}` },
    { what: "starts", calls: 20, promptOf: (call: number) => `this fails, call ${call}` },
  ])("$calls $what, each paid once at most", ({ what, calls, promptOf }) =>
    expectPaidOnce(test, promptOf, async (url) => Number((await runAt(url, [what, String(calls)])).done), calls),
  );
});
