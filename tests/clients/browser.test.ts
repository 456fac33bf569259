/** The client in a real browser, on the page of the example, through the proxy: and no key ever gets there. */
import type { Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { type Browser, startBrowser } from "./support/browser.js";
import { type ServerProcess, startServerProcess } from "./support/server-process.js";
import { startTap, type Tap } from "./support/tap.js";

let test: TestStack;
let example: ServerProcess;
let tap: Tap;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  [test, browser] = await Promise.all([startTestStack(), startBrowser()]);
  const env = { PORT: "0", VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
  const cwd = new URL("../../examples/hono-server", import.meta.url).pathname;
  example = await startServerProcess({ args: ["server.mjs"], cwd, env });
  tap = await startTap(example.url);
  page = await browser.openPage(tap.url);
  await page.addScriptTag({ type: "module", content: await bundleOf("in-browser.ts") });
  await page.waitForFunction(() => "visgate" in globalThis);
});
afterAll(async () => {
  await browser.close();
  await tap.close();
  await example.stop();
  await test.stop();
});
afterEach(() => test.simulator.reset());

async function bundleOf(name: string): Promise<string> {
  const input = new URL(`support/${name}`, import.meta.url).pathname;
  const build = await rolldown({ input, platform: "browser" });
  const { output } = await build.generate({ format: "esm" });
  return output[0].code;
}

it("the example's page generates a video and plays it", async () => {
  await page.fill("[name=prompt]", "a lighthouse in a storm");
  await page.click("text=Generate");
  // 1: the browser has read what kind of film it is.
  await page.waitForFunction("document.querySelector('video').readyState >= 1");
  expect(await page.evaluate("document.querySelector('video').videoWidth")).toBeGreaterThan(0);
  expect(await page.textContent("[role=status]")).toBe("done for 0.6 USD");
  const [submit] = await test.simulator.submits();
  expect(submit?.body).toMatchObject({ prompt: "a lighthouse in a storm" });
});

it("generate tells its progress and comes back with the video", async () => {
  const { result, seen } = await page.evaluate(async (veo) => {
    const client = new globalThis.visgate.Client({ proxyUrl: "/api/visgate" });
    const seen: string[] = [];
    const onProgress = ({ status }: { status: string }) => void seen.push(status);
    const options = { durationSeconds: 4, cache: "off" as const, onProgress };
    const result = await client.videos.generate(veo.model, veo.prompt, options);
    return { result, seen };
  }, VEO);
  expect(result).toMatchObject({ model: VEO.model, provider: "fal", cost: 1.6, cacheHit: false, durationSeconds: 4 });
  expect((await fetch(result.videoUrl)).headers.get("content-type")).toBe("video/mp4");
  expect([...new Set(seen)].slice(-2)).toEqual(["processing", "completed"]);
  expect((await test.simulator.stats()).submits).toBe(1);
});

it("events come while the request is under way, each once", async () => {
  await test.simulator.settings({ render_seconds: 1.5 });
  const id = await test.caller.submit();
  const seen = await page.evaluate(async (requestId) => {
    const client = new globalThis.visgate.Client({ proxyUrl: "/api/visgate" });
    const seen: { status: string; progress: number | null }[] = [];
    for await (const { status, progress } of client.requests.events(requestId)) seen.push({ status, progress });
    return seen;
  }, id);
  expect(seen[0]?.status).not.toBe("completed");
  expect(seen.at(-1)?.status).toBe("completed");
  expect(seen.filter(({ status }) => status === "completed").length).toBe(1);
});

it("abort with cancelOnAbort ends the call, and the request at the gateway", async () => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  const failure = await page.evaluate(async (veo) => {
    const { Client, AbortError } = globalThis.visgate;
    const client = new Client({ proxyUrl: "/api/visgate" });
    const giveUp = new AbortController();
    const onProgress = ({ status }: { status: string }) => status === "processing" && giveUp.abort("enough");
    const options = { cache: "off" as const, signal: giveUp.signal, cancelOnAbort: true, onProgress };
    const error = await client.videos.generate(veo.model, veo.prompt, options).catch((thrown: unknown) => thrown);
    return error instanceof AbortError ? { cause: error.cause, requestId: error.requestId } : String(error);
  }, VEO);
  expect(failure).toEqual({ cause: "enough", requestId: expect.any(String) });
  const { requestId } = failure as { requestId: string };
  expect(await test.caller.finished(requestId)).toMatchObject({ status: "failed", error_code: "CANCELLED" });
});

it.each([
  { options: { durationSeconds: 99 }, field: "duration_seconds", allowed: [4, 6, 8] },
  { options: { webhookUrl: "https://example.com/hook" }, field: "webhook_url", allowed: null },
])("a wrong field is a ValidationError that says which: $field", async ({ options, field, allowed }) => {
  const told = await page.evaluate(
    async ({ veo, options }) => {
      const { Client, ValidationError } = globalThis.visgate;
      const client = new Client({ proxyUrl: "/api/visgate" });
      const error = await client.videos.generate(veo.model, veo.prompt, options).catch((thrown: unknown) => thrown);
      if (!(error instanceof ValidationError)) return String(error);
      return { statusCode: error.statusCode, field: error.field, allowed: error.allowed };
    },
    { veo: VEO, options },
  );
  expect(told).toEqual({ statusCode: 422, field, allowed });
});

it("verifyWebhook takes a real webhook, and no other", async () => {
  const receiver = await startReceiver();
  await test.caller.submit({ ...VEO, webhook_url: receiver.url });
  const [webhook] = await receiver.atLeast(1);
  const { body } = await test.caller.call("GET", "/webhooks/default/secret");
  const verdicts = await page.evaluate(
    async ({ body, headers, secret }) => {
      const { verifyWebhook, WebhookVerificationError } = globalThis.visgate;
      const verdict = (text: string) =>
        verifyWebhook(text, headers, secret).then(
          (event) => event.type === "request.completed" && event.data.status,
          (error: unknown) => error instanceof WebhookVerificationError && error.errorCode,
        );
      return [await verdict(body), await verdict(body.replace("completed", "Completed"))];
    },
    { body: webhook?.body ?? "", headers: webhook?.headers ?? {}, secret: body.key as string },
  );
  expect(verdicts).toEqual(["completed", "INVALID_WEBHOOK"]);
  await receiver.close();
});

it("nothing that the browser got or sent has the key in it, and it asked nobody else", () => {
  const got = tap.toBrowser();
  for (const part of ["<form>", "proxyUrl", "event: status", '"request_id"']) expect(got).toContain(part);
  expect(got).not.toContain(test.stack.apiKey);
  expect(tap.fromBrowser()).toMatch(/^idempotency-key:/im);
  expect(tap.fromBrowser()).not.toMatch(/^authorization:/im);
  // The film itself comes from its signed address; all else from the application.
  const elsewhere = browser.asked.filter((url) => !url.startsWith(`${tap.url}/`));
  expect(elsewhere.length).toBeGreaterThan(0);
  for (const url of elsewhere) expect(url).toContain(`${test.stack.baseUrl}/api/v1/files/`);
});
