#!/usr/bin/env node
/** `mark-commonjs.mjs dist/cjs`: marks the files of that folder as CommonJS, although their package is a module. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const [dir = ""] = process.argv.slice(2);
writeFileSync(join(dir, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
