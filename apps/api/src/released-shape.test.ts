/** Released clients depend on the API shape. It equals that of the last release until it is changed on purpose. */
import { PROVIDERS } from "@visgate/providers";
import { expect, test } from "vitest";
import { useTestApi } from "../../../tests/support/api.js";
import { shapeOf } from "../../../tests/support/openapi.js";

const RELEASED = "../../../tests/support/releases/openapi-0.1.0.json";

const { api } = useTestApi();

test("the OpenAPI document: equals the released one, apart from texts and names of providers", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  const names = PROVIDERS.map(({ manifest }) => manifest.name);
  const shape = shapeOf(
    body,
    names,
    PROVIDERS.flatMap(({ manifest }) => manifest.callerKeyHeader ?? []),
  );
  // When the shape is changed on purpose: npx vitest run apps/api/src/released-shape.test.ts -u
  await expect(`${JSON.stringify(shape, null, 2)}\n`).toMatchFileSnapshot(RELEASED);
});
