/** OpenAI's SDK for Python, unmodified, with another base URL; the cut answers by its asyncio client. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run, temporaryDir } from "../../support/packages.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { snippetOf } from "../support/doc-snippets.js";
import { expectDocumented, expectErrors, expectPaidOnce, expectVideos, type Sdk } from "../support/openai.js";
import { findPythonSdk, PROGRAMS } from "../support/programs.js";

const VERSION = "3.57.0";

const tmp = temporaryDir();
let test: TestStack;
let sdk: Sdk;
beforeAll(async () => {
  const [started, python] = await Promise.all([startTestStack(), findPythonSdk("openai", { of: "OpenAI", minor: 10 })]);
  test = started;
  sdk = { command: [python, join(PROGRAMS, "openai_videos.py")], dir: tmp.path };
});
afterAll(async () => {
  tmp.remove();
  await test.stop();
});

it("the SDK is the one that is pinned here", async () => {
  expect(await run(sdk.command[0], ["-c", "import openai; print(openai.__version__)"])).toBe(`${VERSION}\n`);
});

it("the code in docs/dialects.md makes a video", async () => {
  writeFileSync(join(sdk.dir, "documented.py"), snippetOf("OpenAI", "python", test.stack.baseUrl));
  await expectDocumented(sdk, test, "documented.py");
});

it("makes videos of a text and of an image file, waits, downloads, lists, deletes; equal calls make two", () =>
  expectVideos(sdk, test));

it("shows our errors as its own", () => expectErrors(sdk, test));

it("answers that are cut, and the SDK's repeats: each call is paid once at most", () => expectPaidOnce(sdk, test, 2));
