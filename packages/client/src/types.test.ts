/** The generated types are those of today's schemas. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { contractTypes } from "../scripts/contract-types.mjs";

it("types.generated.ts is what the API's schemas make today (npm run generate -w packages/client)", async () => {
  expect(readFileSync(new URL("./types.generated.ts", import.meta.url), "utf8")).toBe(await contractTypes());
});
