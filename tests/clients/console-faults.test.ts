/** The console when something is wrong, and how it looks to everybody: keyboards, screen readers, phones, long words. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCaller, VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type Browser, startBrowser } from "./support/browser.js";
import { loaded, openConsole, PAGES, seriousFaults } from "./support/console.js";

/** Returns the width of the page after it has put `text` into every label. */
const FILL_LABELS = `(text) => {
  for (const label of document.querySelectorAll("button, .label, legend, dt, nav a, h2, caption")) {
    if (label.childElementCount === 0 && label.textContent !== "") label.textContent = text.slice(0, 24);
  }
  return document.documentElement.scrollWidth;
}`;
const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
let test: TestStack;
let browser: Browser;
beforeAll(async () => {
  const env = { VISGATE_ADMIN_KEY: ADMIN_KEY };
  [test, browser] = await Promise.all([startTestStack({ env }), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await test.stop();
});

it("a wrong key is refused with the API's own words", async () => {
  const { page } = await openConsole(browser, test, null);
  await page.getByLabel("API key").fill("vg-wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  const { body } = await createCaller(test.stack.baseUrl, "vg-wrong").call("GET", "/auth/me");
  await page.getByRole("alert").getByText(body.message).waitFor();
});

it("a key that is revoked ends the session, and the page says why", async () => {
  const { body } = await test.caller.call("POST", "/api-keys", { body: { name: "short" } });
  const { page } = await openConsole(browser, test, body.key);
  await test.caller.call("DELETE", `/api-keys/${body.id}`);
  const { call } = createCaller(test.stack.baseUrl, body.key);
  await until("the key to be refused", async () => (await call("GET", "/auth/me")).status === 401);
  await page.evaluate("location.hash = '#/usage'");
  await page.getByText("This key does not work any more").waitFor();
  expect(await page.evaluate("sessionStorage.length")).toBe(0);
});

it("a key that may only read sees no form and no button that changes anything", async () => {
  const { body } = await test.caller.call("POST", "/api-keys", { body: { name: "reader", scopes: ["read"] } });
  const id = await test.caller.submit({ ...VEO, prompt: "only to look at" });
  await test.caller.finished(id);
  const { page, goTo } = await openConsole(browser, test, body.key);
  const changing = page.getByRole("button", {
    name: /Delete|Cancel|Generate|Send again|Rotate|Disable|^Add$|^Set$|Remove/,
  });
  for (const name of ["requests", "usage", "webhooks", "system", `requests/${id}`]) {
    await goTo(`#/${name}`);
    await loaded(page);
    expect([name, await changing.count()]).toEqual([name, 0]);
  }
  await page.getByRole("complementary").getByText("only to look at").first().waitFor();
  expect(await page.getByRole("link", { name: "New" }).count()).toBe(0);
});

it("the operator's admin key sees the organizations", async () => {
  await test.caller.call("POST", "/admin/organizations", {
    body: { id: "acme", name: "Acme" },
    headers: { "x-visgate-admin-key": ADMIN_KEY },
  });
  const { page } = await openConsole(browser, test, null);
  await page.getByLabel("API key").fill(ADMIN_KEY);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("cell", { name: "Acme", exact: true }).waitFor();
});

it("markup in a prompt is text", async () => {
  const prompt = `<img src=x onerror="document.title='ran'"><script>document.title='ran'</script> & "quotes"`;
  const id = await test.caller.submit({ ...VEO, prompt, metadata: { "<b>": "<i>" } });
  await test.caller.finished(id);
  const { page, goTo, faults } = await openConsole(browser, test);
  await goTo(`#/requests/${id}`);
  await page.getByRole("complementary").getByText(prompt).first().waitFor();
  expect(await page.title()).not.toBe("ran");
  expect(await page.locator(".drawer img[src=x], .row img[src=x]").count()).toBe(0);
  expect(faults).toEqual([]);
});

it("a request that was deleted elsewhere: an action in its open drawer shows the API's error", async () => {
  const id = await test.caller.submit({ ...VEO, prompt: "soon gone" });
  await test.caller.finished(id);
  const { page, goTo } = await openConsole(browser, test);
  await goTo(`#/requests/${id}`);
  await page.getByRole("complementary").getByText("soon gone").first().waitFor();
  await test.caller.call("DELETE", `/requests/${id}`);
  await page.getByRole("button", { name: "Generate again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Generate" }).click();
  await page.getByRole("dialog").getByRole("alert").getByText("There is no such request.").waitFor();
});

it("a request that does not exist: the drawer says so, and the server is not asked again and again", async () => {
  const id = "01a22d16-5b6d-7258-ad6f-a0a8ed69f01a";
  const { page, goTo } = await openConsole(browser, test);
  await goTo(`#/requests/${id}`);
  await page.getByRole("complementary").getByRole("alert").waitFor();
  // A search waits until the typing has paused, and then for its answer.
  await page.getByLabel("Prompt", { exact: true }).fill("nothing like this");
  await page.getByText("No request matches these filters.").waitFor();
  expect(browser.asked.filter((url) => url.includes(id)).length).toBeLessThan(5);
});

it("a video that cannot be played is offered as a link", async () => {
  const id = await test.caller.submit({ ...VEO, prompt: "broken" });
  await test.caller.finished(id);
  const { page, goTo } = await openConsole(browser, test);
  await page.route("**/files/**", (route) => route.fulfill({ contentType: "video/mp4", body: "not a film" }));
  await goTo(`#/requests/${id}`);
  await page.getByText("This browser cannot show the output.").waitFor();
});

it("odd links and half a URL do not break the page", async () => {
  const { page, goTo, faults } = await openConsole(browser, test);
  await goTo("#/requests/%E0%A4");
  await page.getByRole("complementary").getByRole("alert").waitFor();
  await goTo("#/requests?createdAfter=x");
  await page.getByRole("button", { name: "More filters" }).click();
  await page.getByLabel("From").waitFor();
  await goTo("#/new");
  const field = page.getByRole("group", { name: "First image" });
  await field.getByLabel("or its URL").fill("https://");
  await field.getByRole("button", { name: "Use this URL" }).click();
  await field.getByRole("button", { name: "Remove" }).waitFor();
  expect(faults).toEqual([]);
});

it("an organization with nothing gets a hint on every page", async () => {
  const headers = { "x-visgate-admin-key": ADMIN_KEY };
  await test.caller.call("POST", "/admin/organizations", { body: { id: "empty" }, headers });
  const created = await test.caller.call("POST", "/admin/organizations/empty/api-keys", {
    body: { name: "k" },
    headers,
  });
  const { page, goTo, faults } = await openConsole(browser, test, created.body.key);
  await page.getByText("There are no requests yet.").waitFor();
  await goTo("#/usage");
  await page.getByText("Nothing was generated in this period.").waitFor();
  await goTo("#/webhooks");
  await page.getByText("There are no such deliveries.").waitFor();
  expect(faults).toEqual([]);
});

describe.each(["light", "dark"] as const)("in %s colors", (colorScheme) => {
  it("axe-core finds nothing serious on any page, and nothing leaves the server", async () => {
    const id = await test.caller.submit({ ...VEO, prompt: "looked at closely" });
    await test.caller.finished(id);
    const { page, goTo, faults } = await openConsole(browser, test, null);
    await page.emulateMedia({ colorScheme });
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel("API key").fill(test.stack.apiKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForSelector("nav");
    for (const name of [...PAGES, `requests/${id}`]) {
      await goTo(`#/${name}`);
      await loaded(page);
      expect({ name, faults: await seriousFaults(page) }).toEqual({ name, faults: [] });
    }
    const others = browser.asked.filter(
      (url) => !url.startsWith(test.stack.baseUrl) && !/^(about|blob|data):/.test(url),
    );
    expect(others).toEqual([]);
    expect(faults).toEqual([]);
  });
});

it("the policy of the page allows nothing unsafe", async () => {
  const { headers } = await fetch(`${test.stack.baseUrl}/console`);
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'/);
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

it.each([
  ["German", "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen wird bereitgestellt"],
  ["Japanese", "海辺の灯台を夕暮れに空から撮影した長い動画で嵐が近づいてくる様子をゆっくりと映し出す"],
])("390 px wide, with long words in %s: no page is wider than the screen", async (_, words) => {
  const metadata = { project: words };
  const id = await test.caller.submit({ ...VEO, prompt: words.repeat(5), metadata, callback_id: words });
  await test.caller.finished(id);
  const { page, goTo } = await openConsole(browser, test);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of [...PAGES, `requests/${id}`]) {
    await goTo(`#/${name}`);
    await loaded(page);
    // Every label in that language's length: whatever is translated later still fits.
    const width = await page.evaluate(`(${FILL_LABELS})(${JSON.stringify(words)})`);
    expect({ name, width }).toEqual({ name, width: 390 });
    await page.reload();
    await page.waitForSelector("nav");
  }
});

it("the first page is smaller than 60 kB compressed, and the library that draws is not part of it", async () => {
  const assets = new URL("../../apps/console/dist/assets/", import.meta.url);
  const page = readFileSync(new URL("../index.html", assets), "utf8");
  const first = readdirSync(assets).filter((name) => name.endsWith(".gz") && page.includes(name.replace(/\.gz$/, "")));
  const sizes = first.map((name) => readFileSync(new URL(name, assets)).length);
  expect(first.length).toBe(2);
  expect(sizes.reduce((sum, size) => sum + size, page.length)).toBeLessThan(60_000);
  expect(readdirSync(assets).some((name) => /uplot/i.test(name))).toBe(true);
});
