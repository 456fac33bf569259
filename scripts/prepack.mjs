#!/usr/bin/env node
/** Runs before `npm pack` and `npm publish`, so that the package contains a build of the current sources. */
import { describeFailure } from "./lib/failure.mjs";
import { build, isBuilt } from "./lib/programs/build.mjs";
import { install, isInstalled } from "./lib/programs/install.mjs";

try {
  if (!isInstalled()) await install();
  if (!isBuilt()) await build();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
