#!/usr/bin/env node
/**
 * `npm run generate -w packages/client`: src/types.generated.ts from the schemas that the API validates with and
 * answers by, in camelCase. A test compares the file with what this makes of today's schemas.
 */
import { writeFileSync } from "node:fs";
import { contractTypes } from "./contract-types.mjs";

writeFileSync(new URL("../src/types.generated.ts", import.meta.url), await contractTypes());
