/** OpenAI's SDKs for Node.js, unmodified, with another base URL. */
import { cpSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNode } from "../../../scripts/lib/programs/node-versions.mjs";
import { npmInstall } from "../../support/npm.js";
import { readJson, temporaryDir } from "../../support/packages.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { snippetOf } from "../support/doc-snippets.js";
import { expectDocumented, expectErrors, expectPaidOnce, expectVideos, type Sdk } from "../support/openai.js";
import { PROGRAMS } from "../support/programs.js";

/** Needs Node.js 22. The other one is in our node_modules. */
const NEWEST = "7.59.0";

const tmp = temporaryDir();
let test: TestStack;
let newest: Sdk;
let older: Sdk;
beforeAll(async () => {
  [test, newest, older] = await Promise.all([startTestStack(), installNewest(), useOurs()]);
});
afterAll(async () => {
  tmp.remove();
  await test.stop();
});

async function installNewest(): Promise<Sdk> {
  const dir = join(tmp.path, "newest");
  await mkdir(dir);
  writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true }));
  const [node] = await Promise.all([
    findNode(24),
    npmInstall(dir, ["--prefix", dir, "--prefer-offline", "--ignore-scripts", `openai@${NEWEST}`]),
  ]);
  cpSync(join(PROGRAMS, "openai.mjs"), join(dir, "program.mjs"));
  return { command: [node, "program.mjs"], dir };
}

async function useOurs(): Promise<Sdk> {
  const dir = join(tmp.path, "older");
  await mkdir(dir);
  return { command: [process.execPath, join(PROGRAMS, "openai.mjs")], dir };
}

it("the newest SDK is the one that is pinned here", () => {
  const { version } = readJson<{ version: string }>(join(newest.dir, "node_modules/openai/package.json"));
  expect(version).toBe(NEWEST);
});

it("the code in docs/dialects.md makes a video", async () => {
  writeFileSync(join(newest.dir, "documented.mjs"), snippetOf("OpenAI", "js", test.stack.baseUrl));
  await expectDocumented(newest, test, "documented.mjs");
});

describe.each([
  { version: NEWEST, sdk: () => newest },
  { version: "6.49.0", sdk: () => older },
])("openai $version", ({ sdk }) => {
  it("makes videos of a text and of an image file, waits, downloads, lists, deletes; equal calls make two", () =>
    expectVideos(sdk(), test));

  it("shows our errors as its own", () => expectErrors(sdk(), test));
});

it("answers that are cut, and the SDK's repeats: each call is paid once at most", () =>
  expectPaidOnce(newest, test, 1));
