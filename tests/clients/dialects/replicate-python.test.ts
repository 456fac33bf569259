/** Replicate's SDK for Python, unmodified, with another base URL. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { run, temporaryDir } from "../../support/packages.js";
import { photo } from "../../support/photo.js";
import { startReceiver } from "../../support/receiver.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { probe } from "../../support/video.js";
import { expectPaidOnce } from "../support/dialects.js";
import { snippetOf } from "../support/doc-snippets.js";
import { findPythonSdk, PROGRAMS } from "../support/programs.js";

const VERSION = "1.0.7";

const tmp = temporaryDir();
let test: TestStack;
let python: string;
beforeAll(async () => {
  const finding = findPythonSdk("replicate", { of: "Replicate", minor: 10 });
  [test, python] = await Promise.all([startTestStack(), finding]);
});
afterAll(async () => {
  tmp.remove();
  await test.stop();
});

const environment = (url = test.stack.baseUrl) => ({
  ...{ PATH: process.env["PATH"], REPLICATE_BASE_URL: `${url}/replicate`, REPLICATE_API_TOKEN: test.stack.apiKey },
  ...{ REPLICATE_POLL_INTERVAL: "0.1", VISGATE_API_KEY: test.stack.apiKey },
});

/** Runs a part of the program against the server at `url`. */
async function runPart(part: string[], url?: string) {
  const program = join(PROGRAMS, "replicate_videos.py");
  return JSON.parse(await run(python, [program, ...part], { cwd: tmp.path, env: environment(url) }));
}

async function expectVideo(url: string): Promise<void> {
  const { seconds } = await probe(new Uint8Array(await (await fetch(url)).arrayBuffer()));
  expect(seconds).toBeCloseTo(4, 0);
}

it("the SDK is the one that is pinned here", async () => {
  const program = "from importlib.metadata import version; print(version('replicate'))";
  expect(await run(python, ["-c", program])).toBe(`${VERSION}\n`);
});

it("the code in docs/dialects.md makes a video", async () => {
  const file = join(tmp.path, "documented.py");
  writeFileSync(file, `${snippetOf("Replicate", "python", test.stack.baseUrl)}\nprint(url)\n`);
  const env = { PATH: process.env["PATH"], VISGATE_API_KEY: test.stack.apiKey };
  await expectVideo((await run(python, [file], { env })).trim());
});

it("makes videos of a text and of an image file, waits, reads and lists them", async () => {
  const image = join(tmp.path, "image.jpg");
  writeFileSync(image, Buffer.from((await photo()).split(",")[1] ?? "", "base64"));
  const { output, began, ended, read, pictured, listed } = await runPart(["videos", image]);
  for (const url of [output, ended.output, pictured]) await expectVideo(url);
  expect(began).toMatchObject({ status: "starting", model: "google/veo-3", output: null, error: null });
  expect(ended).toMatchObject({ status: "succeeded", input: { prompt: "a boat, from Python", aspect_ratio: "9:16" } });
  expect(read).toEqual(ended);
  expect(listed).toContain(ended.id);
  const sent = (await test.simulator.submits())
    .map(({ body }) => body)
    .find((body) => JSON.stringify(body).includes("a photo"));
  expect(JSON.stringify(sent)).toContain("data:image/jpeg");
});

it("cancels a prediction, whose wait then ends", async () => {
  await test.simulator.settings({ render_seconds: 30 });
  expect(await runPart(["cancelled"])).toMatchObject({ status: "canceled", output: null });
  await test.simulator.settings({ render_seconds: 0.5 });
});

it("shows our errors as its own", async () => {
  await test.simulator.settings({ disasters: [{ name: "fail", match_prompt: "this fails" }] });
  const got = await runPart(["errors"]);
  await test.simulator.settings({ disasters: [] });
  const wrong = { name: "ReplicateError", status: 422, title: "VALIDATION_ERROR" };
  expect(got.field).toMatchObject({ ...wrong, detail: expect.stringContaining("aspect_ratio") });
  expect(got.prompt).toMatchObject({ ...wrong, detail: expect.stringContaining("input.prompt is required") });
  expect(got.model).toMatchObject({ status: 404, detail: expect.stringContaining("google/veo-3") });
  expect(got.key).toMatchObject({ status: 401, title: "AUTHENTICATION_ERROR" });
  expect(got.failed).toMatchObject({ status: "failed", message: expect.stringMatching(/./) });
});

it("accepts our webhook with the secret that it gets", async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  const input = { prompt: "a webhook, for Python", duration: 4 };
  const answer = await fetch(`${test.stack.baseUrl}/replicate/v1/models/google/veo-3/predictions`, {
    method: "POST",
    headers: { authorization: `Bearer ${test.stack.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ input, webhook: receiver.url }),
  });
  expect(answer.status).toBe(201);
  const [{ headers, body } = { headers: {}, body: "" }] = await receiver.atLeast(1, 30_000);
  expect(await runPart(["webhook", JSON.stringify(headers), body])).toEqual({ changed: "InvalidSignatureError" });
});

it("answers that are cut, and the caller's repeats: each call is paid once at most", () =>
  expectPaidOnce(
    test,
    (call) => `Python call ${call}`,
    async (url, prompts) => (await runPart(["many", String(prompts.length)], url)).done,
  ));
