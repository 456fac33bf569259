#!/usr/bin/env node
/**
 * Run in a package after its build: makes one file of the program dist/main.js and all that it imports, in bundle/. Node
 * loads hundreds of modules slowly: from one file a process starts in a third of the time.
 */
import { join, relative } from "node:path";
import { rolldown } from "rolldown";

const entry = join(process.cwd(), "dist/main.js");
const dir = join(process.cwd(), "bundle");

/** What a module finds beside itself (its files, its packages), it finds from the bundle too. */
const keepPlaces = {
  name: "keep-places",
  transform(/** @type {string} */ code, /** @type {string} */ id) {
    if (id.includes("node_modules") || !code.includes("import.meta.url")) return null;
    const place = JSON.stringify(relative(dir, id));
    return code.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`);
  },
};

const bundle = await rolldown({
  input: { main: entry },
  platform: "node",
  // A compiled part is loaded from node_modules.
  external: [/^node:/, "msgpackr-extract"],
  plugins: [keepPlaces],
});
await bundle.write({ dir, format: "esm", cleanDir: true });
