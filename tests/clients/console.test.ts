/** The console over a real stack, in a real browser: what a user does there. */
import { createHmac } from "node:crypto";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type Browser, startBrowser } from "./support/browser.js";
import { type ConsolePage, openConsole } from "./support/console.js";

let test: TestStack;
let browser: Browser;
let shown: ConsolePage;
let page: Page;
beforeAll(async () => {
  [test, browser] = await Promise.all([startTestStack({ restart: true, env: { POSTERS: "true" } }), startBrowser()]);
  shown = await openConsole(browser, test);
  page = shown.page;
});
afterAll(async () => {
  await browser.close();
  await test.stop();
});
afterEach(async () => {
  await test.simulator.reset();
  expect(shown.faults).toEqual([]);
});

const row = (text: string) => page.locator(".row", { hasText: text });
const openRequest = (id: string) => shown.goTo(`#/requests/${id}`);

/** The pixels of the frame that the video shows, as a text. */
const FRAME = `(() => {
  const context = new OffscreenCanvas(64, 36).getContext("2d");
  context.drawImage(document.querySelector("video"), 0, 0, 64, 36);
  return context.getImageData(0, 0, 64, 36).data.join();
})()`;
const DROPPED = `(base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
  return transfer;
}`;

it("a video is made from the form with a dropped photo, its progress shows, and it plays", async () => {
  await test.simulator.settings({ render_seconds: 1.5 });
  await shown.goTo("#/new");
  await page.getByLabel("Prompt", { exact: true }).fill("a photo that begins to move");
  const photo = await sharp({ create: { width: 640, height: 360, channels: 3, background: "#20a050" } })
    .jpeg()
    .toBuffer();
  const dropped = await page.evaluateHandle(`(${DROPPED})("${photo.toString("base64")}")`);
  const field = page.getByRole("group", { name: "First image" });
  await field.dispatchEvent("drop", { dataTransfer: dropped });
  await field.getByRole("img").waitFor();
  await page.getByRole("region", { name: "Quote" }).getByText("$").waitFor();
  await page.getByRole("button", { name: "Generate" }).click();
  await page.locator("progress").waitFor();
  await page.locator("video").waitFor();
  await until("the first frame", () => page.evaluate("document.querySelector('video').readyState >= 2"));
  const first = await page.evaluate(FRAME);
  await page.evaluate("document.querySelector('video').play()");
  await until("another frame", async () => (await page.evaluate(FRAME)) !== first);
  const [submit] = await test.simulator.submits();
  expect(submit).toMatchObject({ endpoint: expect.stringContaining("image-to-video") });
});

it("a request is found by its prompt, and its drawer says what it cost", async () => {
  const prompt = "a needle in a haystack";
  const ids = [await test.caller.submit({ ...VEO, prompt }), await test.caller.submit({ ...VEO, prompt: "hay" })];
  await Promise.all(ids.map((id) => test.caller.finished(id)));
  await shown.goTo("#/requests");
  await row("hay").nth(1).waitFor();
  await page.getByLabel("Prompt", { exact: true }).fill("NEEDLE");
  await until("one row", async () => (await page.locator(".row").count()) === 1);
  await row(prompt).click();
  const drawer = page.getByRole("complementary", { name: "Request" });
  await drawer.getByText(prompt).first().waitFor();
  await drawer.getByRole("region", { name: "Money" }).getByText("$1.60").first().waitFor();
  await drawer.getByText("Rendered").waitFor();
  await drawer.getByRole("button", { name: "Close" }).click();
  await drawer.waitFor({ state: "detached" });
  await page.getByLabel("Prompt", { exact: true }).fill("");
});

it("the feed updates rows without creating their elements again, and the poster appears when the request ends", async () => {
  await test.simulator.settings({ render_seconds: 2 });
  const prompt = "moved by the feed";
  const ids = await Promise.all([1, 2, 3, 4, 5].map((n) => test.caller.submit({ ...VEO, prompt: `${prompt} ${n}` })));
  await shown.goTo(`#/requests?text=${encodeURIComponent(prompt)}`);
  await row(prompt).nth(4).waitFor();
  await page.evaluate("document.querySelectorAll('.row *').forEach((element) => { element.isOld = true; })");
  await Promise.all(ids.map((id) => test.caller.finished(id)));
  await until("five ended rows", async () => (await row("completed").count()) === 5);
  await until("five posters", async () => (await page.locator(".row img").count()) === 5);
  // Only the place of the picture is another element now.
  const made =
    "[...document.querySelectorAll('.row *')].filter((element) => !element.isOld).map(({ tagName }) => tagName)";
  expect(await page.evaluate(made)).toEqual(["IMG", "IMG", "IMG", "IMG", "IMG"]);
});

it("a request that renders is cancelled", async () => {
  await test.simulator.settings({ render_seconds: 60 });
  const id = await test.caller.submit({ ...VEO, prompt: "never seen" });
  await openRequest(id);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("complementary").getByText("cancelled").first().waitFor();
  expect(await test.caller.finished(id)).toMatchObject({ status: "failed", error_code: "CANCELLED" });
});

it("a request is generated again, and another one deleted", async () => {
  const id = await test.caller.submit({ ...VEO, prompt: "twice" });
  await test.caller.finished(id);
  await openRequest(id);
  await page.getByRole("button", { name: "Generate again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Generate" }).click();
  await until("another request", () => !page.url().includes(id));
  const again = decodeURIComponent(page.url().split("/").at(-1) ?? "");
  expect(await test.caller.finished(again)).toMatchObject({ status: "completed", cache_hit: false });
  expect((await test.simulator.stats()).submits).toBe(2);
  await page.getByRole("complementary").getByText("completed").first().waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("complementary").waitFor({ state: "detached" });
  expect((await test.caller.call("GET", `/requests/${again}`)).status).toBe(404);
});

it("a webhook is sent again, under the same id, and its body is the one that is shown", async () => {
  const receiver = await startReceiver();
  const id = await test.caller.submit({ ...VEO, prompt: "notified", webhook_url: receiver.url });
  await receiver.atLeast(1);
  await openRequest(id);
  const deliveries = page.getByRole("region", { name: "Webhooks" });
  await deliveries.getByText("delivered").waitFor();
  await deliveries.getByRole("button", { name: "Show the body" }).click();
  const body = JSON.parse((await deliveries.locator("pre").textContent()) ?? "");
  await deliveries.getByRole("button", { name: "Send again" }).click();
  const [first, second] = await receiver.atLeast(2);
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(JSON.parse(first?.body ?? "")).toMatchObject({ type: body.type, data: { request_id: body.data.requestId } });
  await receiver.close();
});

it("a budget is set, shows what is used, and refuses the next call with a clear text", async () => {
  await test.caller.finished(await test.caller.submit({ ...VEO, prompt: "the last one" }));
  await shown.goTo("#/usage");
  const budgets = page.getByRole("region", { name: "Budgets" });
  await budgets.getByLabel("Limit in USD").fill("0.5");
  await budgets.getByRole("button", { name: "Set" }).click();
  await budgets.getByText("This budget is used up").waitFor();
  await shown.goTo("#/new");
  await page.getByLabel("Prompt", { exact: true }).fill("one too many");
  await page.getByText("No room in a budget: organization (month)").waitFor();
  await page.getByRole("button", { name: "Generate" }).click();
  await page
    .locator("form > .error")
    .getByText(/budget/i)
    .waitFor();
  await shown.goTo("#/usage");
  await page.getByRole("region", { name: "Budgets" }).getByRole("button", { name: "Remove" }).click();
  await page.getByText("No budget limits the spend.").waitFor();
});

it("the usage is exported as the same file that the API answers", async () => {
  await shown.goTo("#/usage");
  await page.locator(".chart canvas").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export as CSV" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const { body } = await test.caller.call("GET", "/usage/export?period=month");
  expect(Buffer.concat(chunks).toString()).toBe(body);
  expect(download.suggestedFilename()).toMatch(/^usage-\d{4}-\d{2}-01\.csv$/);
});

it("a click after a lost answer is the same generation", async () => {
  await shown.goTo("#/new");
  await page.getByLabel("Prompt", { exact: true }).fill("paid once");
  let lost = 0;
  // The call reaches the server, and its answers do not reach the page: the client's own retries are lost too.
  await page.route("**/videos/generate", async (route) => {
    await route.fetch();
    lost += 1;
    await route.abort();
  });
  await page.getByRole("button", { name: "Generate" }).click();
  await page.locator("form > .error").waitFor();
  expect(lost).toBeGreaterThan(0);
  await page.unroute("**/videos/generate");
  await page.getByRole("button", { name: "Generate" }).click();
  await page.locator("video").waitFor();
  expect((await test.simulator.stats()).submits).toBe(1);
});

it("many at once: the count is shown first, then all that match are cancelled", async () => {
  await test.simulator.settings({ render_seconds: 60 });
  const prompt = "one of many";
  const ids = await Promise.all([1, 2, 3].map((n) => test.caller.submit({ ...VEO, prompt: `${prompt} ${n}` })));
  await shown.goTo(`#/requests?text=${encodeURIComponent(prompt)}&status=pending,processing`);
  await page.getByRole("button", { name: "Cancel all" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("3 requests match").waitFor();
  await dialog.getByRole("button", { name: "Cancel all" }).click();
  await dialog.waitFor({ state: "detached" });
  const ends = await Promise.all(ids.map((id) => test.caller.finished(id)));
  expect(ends.map(({ error_code }) => error_code)).toEqual(["CANCELLED", "CANCELLED", "CANCELLED"]);
});

it("an endpoint is added, its secret is shown once, and it gets signed events", async () => {
  const receiver = await startReceiver();
  await shown.goTo("#/webhooks");
  await page.getByLabel("New endpoint").fill(receiver.url);
  await page.getByRole("button", { name: "Add" }).click();
  const secret = (await page.locator(".notice code").textContent()) ?? "";
  await test.caller.finished(await test.caller.submit({ ...VEO, prompt: "signed" }));
  const [got] = await receiver.atLeast(1);
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = got?.headers ?? {};
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  expect(signature).toBe(`v1,${createHmac("sha256", key).update(`${id}.${at}.${got?.body}`).digest("base64")}`);
  await page.getByRole("table", { name: "Deliveries" }).getByText("delivered").waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No endpoint gets events.").waitFor();
  await receiver.close();
});

it("the API is killed: the page says so, and goes on without a reload when it is back", async () => {
  await shown.goTo("#/requests");
  await page.evaluate("globalThis.wasHere = true");
  test.stack.apis[0]?.kill();
  await page.getByText("The server does not answer.").waitFor();
  await page.getByText("The server does not answer.").waitFor({ state: "detached" });
  await until("the API", () =>
    test.caller.call("GET", "/health").then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  const prompt = "after the outage";
  await test.caller.finished(await test.caller.submit({ ...VEO, prompt }));
  await row(prompt).getByText("completed").waitFor();
  expect(await page.evaluate("globalThis.wasHere")).toBe(true);
});
