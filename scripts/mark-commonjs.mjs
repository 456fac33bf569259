#!/usr/bin/env node
/** `mark-commonjs.mjs dist/cjs`: what lies in that folder is CommonJS, though the package around it is a module. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const [dir = ""] = process.argv.slice(2);
writeFileSync(join(dir, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
