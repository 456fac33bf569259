#!/usr/bin/env node
/**
 * Run in apps/console: makes the page of dist/: index.html, and in dist/assets its scripts and its style, each under a name
 * with its hash, and each also compressed. The API serves them as they are.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const here = process.cwd();
const assets = join(here, "dist/assets");
mkdirSync(assets, { recursive: true });

const build = await rolldown({
  input: { console: join(here, "src/main.tsx") },
  platform: "browser",
  resolve: {
    conditionNames: ["@visgate/source", "browser", "import"],
    extensionAlias: { ".js": [".ts", ".tsx", ".js"] },
  },
  transform: { target: "es2022" },
});
const { output } = await build.write({
  dir: assets,
  format: "esm",
  minify: true,
  entryFileNames: "[name]-[hash].js",
  chunkFileNames: "[name]-[hash].js",
});
await build.close();

/** Each page's style loads with the console: together they are small. */
function writeStyle() {
  const folder = join(here, "src/style");
  const own = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const chart = readFileSync(createRequire(join(here, "package.json")).resolve("uplot/dist/uPlot.min.css"), "utf8");
  const text = [...own, chart]
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\n\s*/g, "\n");
  const name = `console-${createHash("sha256").update(text).digest("base64url").slice(0, 8)}.css`;
  writeFileSync(join(assets, name), text);
  return name;
}

const entry = output.find((part) => part.type === "chunk" && part.isEntry)?.fileName;
const page = readFileSync(join(here, "src/index.html"), "utf8");
const names = { style: writeStyle(), script: entry ?? "" };
const filled = page.replace(
  /\{(style|script)\}/g,
  (_, name) => `console/assets/${names[/** @type {"style"} */ (name)]}`,
);
writeFileSync(join(here, "dist/index.html"), filled);
for (const name of readdirSync(assets)) {
  writeFileSync(join(assets, `${name}.gz`), gzipSync(readFileSync(join(assets, name)), { level: 9 }));
}
