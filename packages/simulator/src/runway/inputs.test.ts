import RunwayML from "@runwayml/sdk";
import { expect, test } from "vitest";
import { type RunwayFixture, startRunway, TEXT, VEO_TEXT } from "../../test-support/runway.js";

const HTTPS = "https://pictures.example/bird.png";
const GEN45 = { ...TEXT, promptImage: HTTPS };
const TURBO = { model: "gen4_turbo", promptImage: HTTPS, ratio: "960:960" };
const VEO_IMAGE = { ...VEO_TEXT, promptImage: HTTPS };
const PICTURE = { model: "gen4_image", promptText: "a fox", ratio: "1920:1080" };
const TURBO_PICTURE = { ...PICTURE, model: "gen4_image_turbo" };
const REFERENCE = { uri: HTTPS, tag: "fox" };

const first = { uri: HTTPS, position: "first" };
const last = { uri: HTTPS, position: "last" };

/** A bare call, because the types of the client refuse an invalid body. */
async function post({ call }: RunwayFixture, endpoint: string, body: unknown) {
  const response = await call(`/v1/${endpoint}`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as { issues?: { path: unknown[] }[] } };
}

const GOOD: [endpoint: string, body: object, credits: number][] = [
  ["text_to_video", TEXT, 24],
  ["text_to_video", { ...TEXT, duration: 10, seed: 4294967295, outputFormat: "mp4" }, 120],
  ["text_to_video", { ...TEXT, promptText: "x".repeat(1000), contentModeration: { publicFigureThreshold: "low" } }, 24],
  ["text_to_video", VEO_TEXT, 160],
  ["text_to_video", { ...VEO_TEXT, duration: undefined }, 320],
  ["text_to_video", { ...VEO_TEXT, audio: false, negativePrompt: "rain", ratio: "1080:1920" }, 80],
  ["text_to_video", { ...VEO_TEXT, model: "veo3.1_fast", duration: 6 }, 90],
  ["text_to_video", { ...VEO_TEXT, model: "veo3.1_fast", duration: 6, audio: false }, 60],
  ["image_to_video", { ...GEN45, ratio: "1584:672" }, 24],
  ["image_to_video", { ...GEN45, promptImage: [first] }, 24],
  ["image_to_video", TURBO, 50],
  ["image_to_video", { ...TURBO, duration: 5, promptText: "waves" }, 25],
  ["image_to_video", { ...VEO_IMAGE, promptText: undefined, promptImage: [last, first] }, 160],
  ["text_to_image", PICTURE, 8],
  ["text_to_image", { ...PICTURE, ratio: "1280:720", referenceImages: [REFERENCE] }, 5],
  ["text_to_image", { ...TURBO_PICTURE, referenceImages: [{ uri: HTTPS }] }, 2],
];

test("validation: accepts what the models allow, and answers the most credits it may cost", async () => {
  const fixture = await startRunway({ renderSeconds: 60 });
  await fixture.settings({ disasters: [{ name: "fail" }] });
  for (const [endpoint, body, credits] of GOOD) {
    const answer = await post(fixture, endpoint, body);
    expect([body, answer]).toEqual([
      body,
      { status: 200, body: { id: expect.any(String), estimatedCost: { credits } } },
    ]);
  }
});

const invalidOption = (...values: unknown[]) => ({ code: "invalid_value", values });
const missing = { code: "invalid_type", message: "Invalid input: expected string, received undefined" };

const tooLong = { code: "too_big", maximum: 1000, message: "Too big: expected string to have <=1000 characters" };
const unknown = { uri: "runway://none", position: "first" };

const BAD: [endpoint: string, body: unknown, path: unknown[], issue: object][] = [
  ["text_to_video", null, [], { code: "invalid_type", message: "Invalid input: expected object, received null" }],
  ["text_to_video", {}, ["model"], { code: "invalid_union", message: "Invalid input" }],
  ["text_to_video", { ...TEXT, model: "gen4_turbo" }, ["model"], { note: "No matching discriminator" }],
  ["text_to_video", { ...TEXT, promptText: undefined }, ["promptText"], missing],
  ["text_to_video", { ...TEXT, promptText: "" }, ["promptText"], { code: "too_small" }],
  ["text_to_video", { ...TEXT, promptText: `${"x".repeat(999)}🎬` }, ["promptText"], tooLong],
  ["text_to_video", { ...TEXT, duration: undefined }, ["duration"], { code: "invalid_type" }],
  ["text_to_video", { ...TEXT, duration: "5" }, ["duration"], { code: "invalid_type", expected: "number" }],
  ["text_to_video", { ...TEXT, duration: 5.5 }, ["duration"], { code: "invalid_type", expected: "int" }],
  ["text_to_video", { ...TEXT, duration: 11 }, ["duration"], { code: "too_big", maximum: 10 }],
  ["text_to_video", { ...TEXT, ratio: "960:960" }, ["ratio"], invalidOption("1280:720", "720:1280")],
  ["text_to_video", { ...TEXT, audio: true }, [], { code: "unrecognized_keys", keys: ["audio"] }],
  ["text_to_video", { ...TEXT, outputFormat: "prores" }, ["outputFormat"], { code: "invalid_value" }],
  ["text_to_video", { ...TEXT, seed: -1 }, ["seed"], { code: "too_small" }],
  ["text_to_video", { ...VEO_TEXT, duration: 5 }, ["duration"], invalidOption(4, 6, 8)],
  ["text_to_video", { ...VEO_TEXT, ratio: "16:9" }, ["ratio"], { code: "invalid_value" }],
  ["text_to_video", { ...VEO_TEXT, audio: "yes" }, ["audio"], { code: "invalid_type", expected: "boolean" }],
  ["text_to_video", GEN45, [], { code: "unrecognized_keys", keys: ["promptImage"] }],
  ["image_to_video", TEXT, ["promptImage"], { code: "invalid_union" }],
  ["image_to_video", { ...GEN45, promptText: undefined }, ["promptText"], missing],
  ["image_to_video", { ...GEN45, promptImage: [last] }, ["promptImage"], { code: "invalid_union" }],
  ["image_to_video", { ...GEN45, promptImage: [first, first] }, ["promptImage"], { code: "invalid_union" }],
  ["image_to_video", { ...VEO_IMAGE, promptImage: [last] }, ["promptImage"], { code: "custom" }],
  ["image_to_video", { ...TURBO, promptImage: "ftp://pictures.example/a.png" }, ["promptImage"], { code: "custom" }],
  ["image_to_video", { ...TURBO, promptImage: "data:text/plain,hello" }, ["promptImage"], { code: "custom" }],
  ["image_to_video", { ...TURBO, promptImage: HTTPS.padEnd(2049, "x") }, ["promptImage"], { maximum: 2048 }],
  ["image_to_video", { ...TURBO, promptImage: "runway://none" }, ["promptImage"], { code: "custom" }],
  ["image_to_video", { ...GEN45, promptImage: [unknown] }, ["promptImage", 0, "uri"], { code: "custom" }],
  ["text_to_image", { ...PICTURE, ratio: "16:9" }, ["ratio"], { code: "invalid_value" }],
  ["text_to_image", TURBO_PICTURE, ["referenceImages"], { code: "invalid_type" }],
  ["text_to_image", { ...PICTURE, referenceImages: Array(4).fill(REFERENCE) }, ["referenceImages"], { maximum: 3 }],
];

test("validation: any other body is a 400 that names the field and what is wrong", async () => {
  const fixture = await startRunway();
  for (const [endpoint, body, path, issue] of BAD) {
    const answer = await post(fixture, endpoint, body);
    expect([body, answer]).toMatchObject([
      body,
      {
        status: 400,
        body: {
          error: "Validation of body failed",
          issues: [{ path, message: expect.any(String), ...issue }],
          docUrl: "https://docs.dev.runwayml.com/api",
        },
      },
    ]);
  }
  expect(await fixture.stats()).toMatchObject({ submits: BAD.length, jobs: { queued: 0, running: 0, completed: 0 } });
});

test("validation: a data URI of 5 MB is accepted, a larger one is refused", async () => {
  const fixture = await startRunway();
  const ofLength = (length: number) => ({ ...TURBO, promptImage: "data:image/png;base64,".padEnd(length, "A") });
  const limit = 5 * 1024 * 1024;
  expect(await post(fixture, "image_to_video", ofLength(limit))).toMatchObject({ status: 200 });
  expect(await post(fixture, "image_to_video", ofLength(limit + 4))).toMatchObject({
    ...{ status: 400, body: { issues: [{ code: "too_big", maximum: limit, path: ["promptImage"] }] } },
  });
});

test("validation: the client throws a BadRequestError", async () => {
  const { runway } = await startRunway();
  const error = await runway.textToVideo.create({ ...TEXT, duration: 11 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RunwayML.BadRequestError);
  expect(error).toMatchObject({ status: 400, error: { issues: [{ path: ["duration"], code: "too_big" }] } });
});

test("organization: the balance falls with each task; usage and limits are listed by model", async () => {
  const { runway, ended, settings } = await startRunway();
  const before = await runway.organization.retrieve();
  expect(before).toMatchObject({
    creditBalance: expect.any(Number),
    tier: {
      maxMonthlyCreditSpend: expect.any(Number),
      models: { "gen4.5": { maxConcurrentGenerations: 5, maxDailyGenerations: expect.any(Number) } },
    },
    usage: { models: { "gen4.5": { dailyGenerations: 0 }, "veo3.1": { dailyGenerations: 0 } } },
  });
  const spent = async () => before.creditBalance - (await runway.organization.retrieve()).creditBalance;
  await ended((await runway.textToVideo.create(TEXT)).id);
  expect(await spent()).toBe(24);
  await settings({ render_seconds: 60 });
  const { id } = await runway.textToVideo.create(VEO_TEXT);
  expect(await spent()).toBe(24 + 160);
  await runway.tasks.delete(id);
  expect(await spent()).toBe(24);
  const { usage } = await runway.organization.retrieve();
  expect(usage.models).toMatchObject({ "gen4.5": { dailyGenerations: 1 }, "veo3.1": { dailyGenerations: 1 } });
});
