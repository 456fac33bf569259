#!/usr/bin/env node
/** Before `npm pack` and `npm publish`: what is packed is made of the sources that are there now. */
import { build, isBuilt } from "./lib/build.mjs";
import { describeFailure } from "./lib/failure.mjs";
import { install, isInstalled } from "./lib/install.mjs";

try {
  if (!isInstalled()) await install();
  if (!isBuilt()) await build();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
