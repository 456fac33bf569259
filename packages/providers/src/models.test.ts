import { catalogueModel } from "@visgate/shared/catalogue";
import { expect, test } from "vitest";
import { PROVIDER_NAMES, PROVIDERS } from "./index.js";

const models = PROVIDERS.flatMap((provider) => provider.models.map((entry) => catalogueModel.parse(entry)));

test.each(models)("$id: says where its inputs and its price are from, and when somebody looked there", (model) => {
  const { source, price } = model;
  expect(source).toBeDefined();
  const hasPrice = price.micro !== null || price.when.length > 0;
  expect(source?.price.startsWith("not known")).toBe(!hasPrice);
  expect(Date.parse(source?.seenAt ?? "")).toBeLessThanOrEqual(Date.now());
});

test("ids: at fal the endpoint is the id, also outside of fal-ai/; elsewhere the provider is the first part", () => {
  for (const { id, provider } of models) {
    if (provider !== "fal") expect(id.startsWith(`${provider}/`), id).toBe(true);
    else expect(PROVIDER_NAMES, id).not.toContain(id.split("/")[0]);
  }
});

test("ids: no fal model has an id that Replicate could use as owner/name, which its dialect would find", () => {
  const short = models.filter(({ id, provider }) => provider === "fal" && id.split("/").length < 3);
  expect(short.filter(({ id }) => !id.startsWith("fal-ai/"))).toEqual([]);
});
