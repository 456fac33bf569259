#!/usr/bin/env node
/** `npm run generate`: writes the generated files. A test fails when one of them is out of date. */
import { writeFileSync } from "node:fs";
import { generatedFiles } from "./lib/generated/files.mjs";

for (const [path, content] of Object.entries(await generatedFiles())) writeFileSync(path, content);
