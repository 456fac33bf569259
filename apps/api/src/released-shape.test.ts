/** Released clients depend on the API shape. It equals that of the last release until it is changed on purpose. */
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import { useTestApi } from "../../../tests/support/api.js";
import { type Json, shapeOf } from "../../../tests/support/openapi.js";

const RELEASED = "../../../tests/support/releases/openapi-0.1.0.json";

const { api } = useTestApi();
const released = JSON.parse(readFileSync(new URL(RELEASED, import.meta.url), "utf8")) as Json;
const options = {
  released,
  providers: PROVIDERS.map(({ manifest }) => manifest.name),
  keyHeaders: PROVIDERS.flatMap(({ manifest }) => manifest.callerKeyHeader ?? []),
};

test("the OpenAPI document: equals the released one, apart from texts, names of providers and harmless additions", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  // When the shape is changed on purpose: npx vitest run apps/api/src/released-shape.test.ts -u
  await expect(`${JSON.stringify(shapeOf(body, options), null, 2)}\n`).toMatchFileSnapshot(RELEASED);
});

// biome-ignore lint/suspicious/noExplicitAny: each case changes the document in a place of its own
const CHANGES: { what: string; change: (document: any) => void }[] = [
  {
    what: "a field is gone",
    change: ({ components: { schemas } }) => delete schemas.RequestStatusWithInput.properties.cost,
  },
  { what: "a field is new", change: ({ components: { schemas } }) => (schemas.VideoResult.properties.more = {}) },
  {
    what: "a field has another type",
    change: ({ components: { schemas } }) => (schemas.RequestStatusWithInput.properties.cost.type = "string"),
  },
  {
    what: "a field may be missing",
    change: ({ components: { schemas } }) => schemas.RequestStatusWithInput.required.pop(),
  },
  {
    what: "an input is now required",
    change: ({ components: { schemas } }) => schemas.VideoRequest.required.push("image_url"),
  },
  {
    what: "a status has another name",
    change: ({ components: { schemas } }) => (schemas.RequestStatusWithInput.properties.status.enum[0] = "queued"),
  },
  {
    what: "a list of values is new",
    change: ({ components: { schemas } }) => (schemas.RequestStatusWithInput.properties.error_code.enum = ["A"]),
  },
  { what: "an operation is gone", change: ({ paths }) => delete paths["/api/v1/requests/{id}"].delete },
  { what: "an answer is gone", change: ({ paths }) => delete paths["/api/v1/videos/generate"].post.responses[202] },
  { what: "a parameter is gone", change: ({ paths }) => paths["/api/v1/events"].get.parameters.pop() },
  { what: "an error has no body", change: ({ components }) => delete components.responses.OtherError.content },
];

describe("the comparison with the released document notices that", () => {
  test.each(CHANGES)("$what", async ({ change }) => {
    const { body } = await api.call("GET", "/openapi.json");
    const before = shapeOf(body, options);
    change(body);
    expect(shapeOf(body, options)).not.toEqual(before);
  });
});
