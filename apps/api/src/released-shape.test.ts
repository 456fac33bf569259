/** Released clients depend on the API shape. It equals that of the last release until it is changed on purpose. */
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { expect, test } from "vitest";
import { useTestApi } from "../../../tests/support/api.js";
import { shapeOf } from "../../../tests/support/openapi.js";

const RELEASED = new URL("../../../tests/support/releases/openapi-0.1.0.json", import.meta.url);

const { api } = useTestApi();

test("the OpenAPI document: equals the released one, apart from texts and names of providers", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  const names = PROVIDERS.map(({ manifest }) => manifest.name);
  const shape = shapeOf(
    body,
    names,
    PROVIDERS.flatMap(({ manifest }) => manifest.callerKeyHeader ?? []),
  );
  const released = JSON.parse(readFileSync(RELEASED, "utf8"));
  expect(shape).toEqual(released);
  expect(JSON.stringify(shape)).toBe(JSON.stringify(released));
});
