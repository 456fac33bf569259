#!/usr/bin/env node
/** Run in a package before its build: the output of a source that was removed must not stay, since it is published. */
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
