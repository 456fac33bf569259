/** The console in a real browser, signed in. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import type { TestStack } from "../../support/stack.js";
import { until } from "../../support/until.js";
import type { Browser } from "./browser.js";

export const PAGES = ["requests", "new", "models", "usage", "webhooks", "system"] as const;

export interface ConsolePage {
  page: Page;
  /** What the browser said went wrong: uncaught errors, and what the content policy refused. */
  faults: string[];
  goTo(link: string): Promise<void>;
}

export async function openConsole(
  browser: Browser,
  { stack }: TestStack,
  apiKey: string | null = stack.apiKey,
): Promise<ConsolePage> {
  const page = await browser.openPage("about:blank");
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) faults.push(message.text());
  });
  await page.goto(`${stack.baseUrl}/console`);
  await page.waitForSelector("form");
  if (apiKey !== null) {
    await page.getByLabel("API key").fill(apiKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForSelector("nav");
  }
  const goTo = async (link: string) => {
    await page.evaluate(`location.hash = ${JSON.stringify(link)}`);
    await page.waitForSelector("h1");
  };
  return { page, faults, goTo };
}

/** Waits until nothing of the page loads any more. */
export const loaded = (page: Page) =>
  until("the page to be loaded", async () => (await page.locator(".loading").count()) === 0);

/** What axe-core finds in the page that is serious or worse, with the elements. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    return (await axe.run({ resultTypes: ["violations"] })).violations;
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
