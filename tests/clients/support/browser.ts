/** A real Chromium with a fresh profile, which talks to nobody but the pages under test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../../../scripts/lib/programs/chromium.mjs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Browser {
  openPage(url: string): Promise<Page>;
  /** The address of everything that the pages asked for. */
  asked: string[];
  close(): Promise<void>;
}

export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "visgate-browser-"));
  const executablePath = await findChromium();
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS });
  const asked: string[] = [];
  context.on("request", (request) => asked.push(request.url()));
  return {
    asked,
    async openPage(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
