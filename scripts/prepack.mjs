#!/usr/bin/env node
import { describeFailure } from "./lib/failure.mjs";
/** Before `npm pack` and `npm publish`: what is packed is made of the sources that are there now. */
import { build, isBuilt } from "./lib/programs/build.mjs";
import { install, isInstalled } from "./lib/programs/install.mjs";

try {
  if (!isInstalled()) await install();
  if (!isBuilt()) await build();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
