import { VisgateError } from "@visgate_ai/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener } from "../../../../tests/support/listeners.js";
import { testIo } from "../../test-support/io.js";
import { openSession } from "../session.js";
import { editDistance, nearest, suggestModel } from "./suggest-model.js";

const IDS = ["fal-ai/veo3", "fal-ai/veo3/fast", "replicate/google/veo-3", "runway/gen4_turbo", "runway/gen4.5"];

test.each([
  { from: "", to: "", distance: 0 },
  { from: "abc", to: "", distance: 3 },
  { from: "", to: "abc", distance: 3 },
  { from: "kitten", to: "sitting", distance: 3 },
  { from: "saturday", to: "sunday", distance: 3 },
  { from: "veo", to: "veo", distance: 0 },
])("editDistance: is $distance from '$from' to '$to'", ({ from, to, distance }) =>
  expect(editDistance(from, to)).toBe(distance),
);

describe("nearest", () => {
  test.each([
    { typed: "veo3", near: "fal-ai/veo3" },
    { typed: "Fal-AI/Veo3", near: "fal-ai/veo3" },
    { typed: "fal-ai/veo4", near: "fal-ai/veo3" },
    { typed: "google/veo-3", near: "replicate/google/veo-3" },
    { typed: "runway/gen4-turbo", near: "runway/gen4_turbo" },
    { typed: "fal-ai/veo-3/fast", near: "fal-ai/veo3/fast" },
  ])("finds $near for $typed", ({ typed, near }) => expect(nearest(typed, IDS)).toBe(near));

  test.each(["nope/none", "", "gpt", "gen", "runway/gen9_ultra_long"])("finds nothing for '%s'", (typed) => {
    expect(nearest(typed, IDS)).toBeNull();
  });
});

describe("suggestModel", () => {
  const refusal = new VisgateError({
    ...{ errorCode: "MODEL_NOT_FOUND", message: "There is no model veo3.", statusCode: 404, httpRequestId: "h-1" },
    details: { field: "model" },
  });
  const suggest = (error: unknown, baseUrl: string) =>
    suggestModel(error, openSession(testIo({ fetch }), { baseUrl, color: true }), "veo3");
  async function serveModels(status: number) {
    const listener = await startListener((_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ models: IDS.map((id) => ({ id })) }));
    });
    onTestFinished(listener.close);
    return listener;
  }

  test("adds the nearest model to MODEL_NOT_FOUND, and keeps the rest of the error", async () => {
    const { origin, asked } = await serveModels(200);
    expect(await suggest(refusal, origin)).toMatchObject({
      ...{ errorCode: "MODEL_NOT_FOUND", statusCode: 404, httpRequestId: "h-1", details: { field: "model" } },
      message: "There is no model veo3. Did you mean fal-ai/veo3?",
    });
    expect(asked).toEqual(["GET /api/v1/models?media_type=video"]);
  });

  test("returns the error unchanged when the models cannot be listed", async () => {
    const { origin, asked } = await serveModels(503);
    expect(await suggest(refusal, origin)).toBe(refusal);
    expect(asked).toHaveLength(1);
    expect(await suggest(refusal, await deadUrl())).toBe(refusal);
  });

  test("returns any other error unchanged, without a call", async () => {
    const { origin, asked } = await serveModels(200);
    const other = new Error("other");
    expect(await suggest(other, origin)).toBe(other);
    expect(asked).toEqual([]);
  });
});
