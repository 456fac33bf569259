/** Clients that we do not control speak this API: its shape is that of the last release, and grows only on purpose. */
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../../tests/support/api.js";
import { shapeOf } from "../../../tests/support/openapi.js";
import { startTestRedis, type TestRedis } from "../../../tests/support/redis.js";

const RELEASED = new URL("../../../tests/support/releases/openapi-0.1.0.json", import.meta.url);

let server: TestRedis;
let api: TestApi;
beforeAll(async () => {
  server = await startTestRedis();
  api = await startTestApi(server.url);
});
afterAll(async () => {
  await api.close();
  await server.stop();
});

test("the OpenAPI document, without texts and names of providers, is the released one", async () => {
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
