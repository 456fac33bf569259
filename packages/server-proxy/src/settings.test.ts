import { afterEach, expect, it, vi } from "vitest";
import { Refusal } from "./answers.js";
import { type Given, readSettings } from "./settings.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

const KEY = "vg-0123456789abcdef";

async function refusalOf(given: Given): Promise<string> {
  try {
    readSettings(given);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.answer.status).toBe(500);
    return error.answer.text();
  }
  throw new Error("it was not refused");
}

it("takes key and address from the environment of the moment, but the options win", () => {
  vi.stubEnv("VISGATE_API_KEY", ` ${KEY}\n`);
  vi.stubEnv("VISGATE_BASE_URL", "https://visgate.example");
  expect(readSettings({})).toEqual({ apiKey: KEY, base: "https://visgate.example/api/v1" });
  const given = { apiKey: "vg-another", baseUrl: "http://10.0.0.1:8787" };
  expect(readSettings(given)).toEqual({ apiKey: "vg-another", base: "http://10.0.0.1:8787/api/v1" });
});

it.each([
  [undefined, "http://127.0.0.1:8787/api/v1"],
  ["", "http://127.0.0.1:8787/api/v1"],
  ["http://gate:1/", "http://gate:1/api/v1"],
  ["http://gate:1/api/v1", "http://gate:1/api/v1"],
  ["http://gate:1/api/v1//", "http://gate:1/api/v1"],
  ["https://example.com/visgate", "https://example.com/visgate/api/v1"],
])("base URL %j is %s", (baseUrl, base) => {
  vi.stubEnv("VISGATE_BASE_URL", undefined);
  expect(readSettings({ apiKey: KEY, baseUrl }).base).toBe(base);
});

it.each([
  "gate:8787",
  "//gate",
  "file:///etc/passwd",
  "http://user:secret-word@gate",
  "http://gate/?a=1",
  "http://gate/#a",
])("base URL %j is refused, without being told", async (baseUrl) => {
  const told = await refusalOf({ apiKey: KEY, baseUrl });
  expect(told).toContain("VISGATE_BASE_URL");
  expect(told).not.toContain(baseUrl);
  expect(told).not.toContain("secret-word");
});

it("a key that is missing, or none, is the operator's to set; it is not told", async () => {
  vi.stubEnv("VISGATE_API_KEY", "");
  expect(await refusalOf({})).toContain("VISGATE_API_KEY is not set");
  const told = await refusalOf({ apiKey: `${KEY}\r\nX-Evil: 1` });
  expect(told).toContain("VISGATE_API_KEY");
  expect(told).not.toContain(KEY);
});

it("without a process, as on some edge runtimes, the options are all there is", async () => {
  vi.stubGlobal("process", undefined);
  try {
    expect(readSettings({ apiKey: KEY }).base).toBe("http://127.0.0.1:8787/api/v1");
    expect(await refusalOf({})).toContain("VISGATE_API_KEY is not set");
  } finally {
    vi.unstubAllGlobals();
  }
});
