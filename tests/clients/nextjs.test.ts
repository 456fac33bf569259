/** The one-line route in a real Next.js application, installed and built as a user would, before a real gateway. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@visgate_ai/client";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { readSse } from "../support/sse.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type Browser, startBrowser } from "./support/browser.js";
import { buildNextProject, type NextProject, quiet } from "./support/next-project.js";
import { type Recorder, startRecorder } from "./support/recorder.js";
import { type ServerProcess, startServerProcess } from "./support/server-process.js";

let test: TestStack;
let recorder: Recorder;
let project: NextProject;
let next: ServerProcess;
let browser: Browser;
let proxyUrl: string;
beforeAll(async () => {
  [test, project, browser] = await Promise.all([startTestStack(), buildNextProject(), startBrowser()]);
  recorder = await startRecorder(test.stack.baseUrl);
  const args = [project.nextProgram, "start", "--hostname", "127.0.0.1", "--port", "0"];
  const env = quiet({ VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: recorder.origin });
  next = await startServerProcess({ args, cwd: project.dir, env });
  proxyUrl = `${next.url}/api/visgate`;
}, 180_000);
afterAll(async () => {
  await browser.close();
  await next.stop();
  await recorder.close();
  await test.stop();
  project.remove();
});
afterEach(() => test.simulator.reset());

it("the example's page generates a video and plays it, without a key in anything it is made of", async () => {
  const page = await browser.openPage(next.url);
  await page.fill("input", "a lighthouse in a storm");
  await page.click("text=Generate");
  await page.waitForFunction("document.querySelector('video')?.readyState >= 1");
  expect(await page.textContent("[role=status]")).toBe("done for 0.6 USD");
  expect(await page.content()).not.toContain(test.stack.apiKey);
  const built = readdirSync(join(project.dir, ".next"), { recursive: true, withFileTypes: true });
  const files = built.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => readFileSync(file).includes(test.stack.apiKey))).toEqual([]);
});

it("a client generates through it, long-polls included, and what it asks is never a stale answer", async () => {
  await test.simulator.settings({ render_seconds: 1 });
  const client = new Client({ proxyUrl });
  const options = { durationSeconds: 4, cache: "off", preferAsync: true } as const;
  const request = await client.videos.generate(VEO.model, VEO.prompt, options);
  expect((await client.requests.get(request.requestId)).status).not.toBe("completed");
  expect(await request.wait()).toMatchObject({ id: request.requestId, cost: 1.6 });
  expect((await client.requests.get(request.requestId)).status).toBe("completed");
  expect((await client.models.get("fal-ai/veo3/fast")).id).toBe("fal-ai/veo3/fast");
  const headers = { "content-type": "application/json", prefer: "respond-async" };
  const accepted = await fetch(`${proxyUrl}/videos/generate`, { method: "POST", headers, body: JSON.stringify(VEO) });
  expect(accepted.headers.get("location")).toMatch(/^\/api\/visgate\/requests\/[\w-]{36}$/);
});

it("events arrive one by one, and who goes away is gone for the gateway too", async () => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  const id = await test.caller.submit();
  for (const path of [`/requests/${id}/events`, `/requests/${id}?wait=60`]) {
    const { hungUp } = recorder;
    recorder.asked.length = 0;
    const browser = new AbortController();
    const answer = fetch(proxyUrl + path, { signal: browser.signal });
    if (path.endsWith("/events")) expect((await readSse(await answer).next())?.data.request_id).toBe(id);
    await until("the gateway to be asked", () => recorder.asked.length === 1);
    browser.abort();
    await answer.catch(() => {});
    await until("the gateway to be left alone", () => recorder.hungUp === hungUp + 1);
  }
});

it("what is not for browsers is not there, however it is written; methods are told", async () => {
  recorder.asked.length = 0;
  const paths = ["/webhook-endpoints", "/models/..%2fwebhook-endpoints", "/models/%252e%252e/webhook-endpoints"];
  for (const path of [
    ...paths,
    "/models/x%3fy",
    "/models/..%5cwebhook-endpoints",
    "/api-keys",
    "/requests/x%2fcancel",
  ]) {
    expect([path, (await fetch(proxyUrl + path)).status]).toEqual([path, 404]);
  }
  for (const [method, status] of [
    ["OPTIONS", 204],
    ["PUT", 405],
    ["DELETE", 405],
  ] as const) {
    const answer = await fetch(`${proxyUrl}/models`, { method });
    expect([method, answer.status, answer.headers.get("allow")]).toEqual([method, status, "GET, HEAD, OPTIONS"]);
  }
  expect(recorder.asked).toEqual([]);
});
