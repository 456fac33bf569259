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
/** @param {string} character */
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** V8 keeps the source in memory: all of it with two bytes per character when one of them needs two. */
const oneByte = {
  name: "one-byte",
  generateBundle(/** @type {unknown} */ _, /** @type {Record<string, any>} */ files) {
    for (const file of Object.values(files)) {
      if (file.type === "chunk") file.code = file.code.replace(/[^\0-\x7f]/g, escaped);
    }
  },
};
await bundle.write({ dir, format: "esm", cleanDir: true, plugins: [oneByte] });
