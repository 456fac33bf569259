/** The docs page in a real browser. That each example succeeds is shown by tests/e2e/openapi.test.ts, without a browser. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FUZZ_ENV } from "../../scripts/lib/fuzz.mjs";
import { photo } from "../support/photo.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type Browser, startBrowser } from "./support/browser.js";

let test: TestStack;
let browser: Browser;
let page: Page;
const problems: string[] = [];
beforeAll(async () => {
  [test, browser] = await Promise.all([startTestStack({ env: FUZZ_ENV }), startBrowser()]);
  // To draw the page takes seconds of the processor, so all tests use the same one.
  page = await browser.openPage("about:blank");
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => /Content Security Policy/.test(message.text()) && problems.push(message.text()));
  await page.goto(docsUrl());
  await authorize();
});
afterAll(async () => {
  await browser.close();
  await test.stop();
});

const docsUrl = () => `${test.stack.baseUrl}/api/v1/docs`;

/** Enters both keys. The page remembers them. */
async function authorize(): Promise<void> {
  await page.click(".authorize");
  const keys = { adminKey: FUZZ_ENV.VISGATE_ADMIN_KEY, apiKey: test.stack.apiKey };
  for (const form of await page.locator(".auth-container").all()) {
    const isAdmin = (await form.textContent())?.includes("adminKey");
    await form.locator("input").fill(isAdmin ? keys.adminKey : keys.apiKey);
    await form.locator("button[type=submit]").click();
  }
  await page.locator(".auth-container .btn-done").first().click();
}

/**
 * Sends the form of an operation as it is, and closes it again: each open form makes the page slower. Returns the status
 * of the answer, and its text.
 */
async function execute(tag: string, id: string, file?: Buffer) {
  const form = page.locator(`#operations-${tag}-${id}`);
  const summary = form.locator(".opblock-summary-control");
  await summary.click();
  await form.locator(".try-out__btn").click();
  if (file !== undefined)
    await form.locator("input[type=file]").setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: file });
  await form.locator(".execute").click();
  const answer = form.locator(".live-responses-table .response").first();
  const status = await answer.locator(".response-col_status").first().textContent();
  const text = await answer.textContent();
  await summary.click();
  return { status: Number.parseInt(status ?? "", 10), text };
}
const statusOf = async (...args: Parameters<typeof execute>) => (await execute(...args)).status;

const picture = async () => Buffer.from((await photo()).split(",")[1] ?? "", "base64");

describe("the forms", () => {
  it("one that needs a request is answered 404 while there is none", async () => {
    const { status, text } = await execute("Requests", "getRequest");
    expect(status).toBe(404);
    expect(text).toContain("REQUEST_NOT_FOUND");
  });

  it("those that need an id fill in the caller's newest request, its deliveries and its output", async () => {
    const receiver = await startReceiver();
    const id = await test.caller.submit({ model: "fal-ai/veo3", prompt: "a bird", webhook_url: receiver.url });
    await test.caller.finished(id);
    await receiver.atLeast(1);
    // With a key that it remembers, the page looks up what the caller has when it is opened.
    const lookedUp = page.waitForResponse((response) => response.url().endsWith("/webhook-endpoints"));
    await page.goto(docsUrl());
    await lookedUp;
    expect(await statusOf("Requests", "getRequest")).toBe(200);
    expect(await statusOf("Files", "getFile")).toBe(200);
    expect(await statusOf("Webhooks", "listDeliveries")).toBe(200);
    expect(await statusOf("Webhooks", "redeliver")).toBe(202);
    await receiver.atLeast(2);
    expect(await statusOf("Requests", "deleteRequest")).toBe(200);
    await receiver.close();
  });

  it("others succeed as they are filled in, also with what was made on the page", async () => {
    const [before] = (await test.simulator.submits()).slice(-1);
    expect(await statusOf("Videos", "generateVideo")).toBe(202);
    const submit = await until("the submit", async () =>
      (await test.simulator.submits()).find(({ seq }) => seq > (before?.seq ?? -1)),
    );
    expect(submit.body).toMatchObject({ duration: "8s", resolution: "720p" });
    expect(await statusOf("Files", "uploadFile", await picture())).toBe(201);
    expect(await statusOf("Webhooks", "createWebhookEndpoint")).toBe(201);
    expect(await statusOf("Webhooks", "deleteWebhookEndpoint")).toBe(200);
    expect(await statusOf("Organization", "createApiKey")).toBe(201);
    expect(await statusOf("Organization", "deleteApiKey")).toBe(200);
  });
});

it("the page obeys its own policy: no error, nothing from elsewhere, no unsafe source", async () => {
  const { headers } = await fetch(page.url());
  expect(headers.get("content-security-policy")).not.toMatch(/unsafe|\*|https?:/);
  expect(await statusOf("Models", "getModel")).toBe(200);
  expect(problems).toEqual([]);
  const elsewhere = browser.asked.filter((url) => /^https?:/.test(url) && !url.startsWith(`${test.stack.baseUrl}/`));
  expect(elsewhere).toEqual([]);
});

it("each group links its guide, which this server serves; and there is an icon", async () => {
  const links = await page
    .locator(".opblock-tag-section .info__externaldocs a")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  expect(new Set(links).size).toBeGreaterThan(5);
  for (const url of new Set(links)) {
    const { status, headers } = await fetch(url);
    expect([url, status, headers.get("content-type")]).toEqual([url, 200, "text/markdown; charset=utf-8"]);
  }
  const icon = await page.locator("link[rel=icon]").evaluate((link: { href?: string }) => link.href ?? "");
  expect((await fetch(icon)).headers.get("content-type")).toBe("image/png");
});
