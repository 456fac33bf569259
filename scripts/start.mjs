#!/usr/bin/env node
// Imports come after this check: an older Node.js would fail at the imports with an unclear message.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Visgate needs Node.js 20 or later; this is ${process.versions.node}.`);
  process.exit(1);
}
const { launch } = await import("./lib/stack/launch.mjs");
process.exit(await launch(process.argv.slice(2)));
