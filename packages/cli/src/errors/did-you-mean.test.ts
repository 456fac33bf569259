import { VisgateError } from "@visgate_ai/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener } from "../../../../tests/support/listeners.js";
import { testIo } from "../../test-support/io.js";
import { openSession } from "../session.js";
import { editDistance, nearest, suggestModel } from "./did-you-mean.js";

const IDS = ["fal-ai/veo3", "fal-ai/veo3/fast", "replicate/google/veo-3", "runway/gen4_turbo", "runway/gen4.5"];

test.each([
  { from: "", to: "", distance: 0 },
  { from: "abc", to: "", distance: 3 },
  { from: "", to: "abc", distance: 3 },
  { from: "kitten", to: "sitting", distance: 3 },
  { from: "saturday", to: "sunday", distance: 3 },
  { from: "veo", to: "veo", distance: 0 },
])("from '$from' to '$to' it is $distance", ({ from, to, distance }) => expect(editDistance(from, to)).toBe(distance));

describe("the nearest model", () => {
  test.each([
    { typed: "veo3", near: "fal-ai/veo3" },
    { typed: "Fal-AI/Veo3", near: "fal-ai/veo3" },
    { typed: "fal-ai/veo4", near: "fal-ai/veo3" },
    { typed: "google/veo-3", near: "replicate/google/veo-3" },
    { typed: "runway/gen4-turbo", near: "runway/gen4_turbo" },
    { typed: "fal-ai/veo-3/fast", near: "fal-ai/veo3/fast" },
  ])("to $typed is $near", ({ typed, near }) => expect(nearest(typed, IDS)).toBe(near));

  test.each(["nope/none", "", "gpt", "gen", "runway/gen9_ultra_long"])("to '%s' is none", (typed) => {
    expect(nearest(typed, IDS)).toBeNull();
  });
});

describe("an error", () => {
  const refusal = new VisgateError({
    ...{ errorCode: "MODEL_NOT_FOUND", message: "There is no model veo3.", statusCode: 404, httpRequestId: "h-1" },
    details: { field: "model" },
  });
  const suggest = (error: unknown, baseUrl: string) =>
    suggestModel(error, openSession(testIo({ fetch }), { baseUrl, color: true }), "veo3");
  async function catalogue(status: number) {
    const listener = await startListener((_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ models: IDS.map((id) => ({ id })) }));
    });
    onTestFinished(listener.close);
    return listener;
  }

  test("of a model that is not there names the nearest one, and keeps what it said", async () => {
    const { origin, asked } = await catalogue(200);
    expect(await suggest(refusal, origin)).toMatchObject({
      ...{ errorCode: "MODEL_NOT_FOUND", statusCode: 404, httpRequestId: "h-1", details: { field: "model" } },
      message: "There is no model veo3. Did you mean fal-ai/veo3?",
    });
    expect(asked).toEqual(["GET /api/v1/models?media_type=video"]);
  });

  test("stays as it is where the catalogue cannot be had", async () => {
    const { origin, asked } = await catalogue(503);
    expect(await suggest(refusal, origin)).toBe(refusal);
    expect(asked).toHaveLength(1);
    expect(await suggest(refusal, await deadUrl())).toBe(refusal);
  });

  test("of another kind stays as it is, and nothing is asked", async () => {
    const { origin, asked } = await catalogue(200);
    const other = new Error("other");
    expect(await suggest(other, origin)).toBe(other);
    expect(asked).toEqual([]);
  });
});
