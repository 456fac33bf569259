import { afterEach, expect, it, vi } from "vitest";
import { Refusal } from "./error-responses.js";
import { readSettings, type SettingsInput } from "./settings.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

const KEY = "vg-0123456789abcdef";

async function refusalOf(input: SettingsInput): Promise<string> {
  try {
    readSettings(input);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.response.status).toBe(500);
    return error.response.text();
  }
  throw new Error("readSettings did not refuse the options");
}

it("reads key and URL from the environment at the time of the call; options take precedence", () => {
  vi.stubEnv("VISGATE_API_KEY", ` ${KEY}\n`);
  vi.stubEnv("VISGATE_BASE_URL", "https://visgate.example");
  expect(readSettings({})).toEqual({ apiKey: KEY, base: "https://visgate.example/api/v1" });
  const options = { apiKey: "vg-another", baseUrl: "http://10.0.0.1:8787" };
  expect(readSettings(options)).toEqual({ apiKey: "vg-another", base: "http://10.0.0.1:8787/api/v1" });
});

it.each([
  [undefined, "http://127.0.0.1:8787/api/v1"],
  ["", "http://127.0.0.1:8787/api/v1"],
  ["http://gate:1/", "http://gate:1/api/v1"],
  ["http://gate:1/api/v1", "http://gate:1/api/v1"],
  ["http://gate:1/api/v1//", "http://gate:1/api/v1"],
  ["https://example.com/visgate", "https://example.com/visgate/api/v1"],
])("base URL %j: calls go to %s", (baseUrl, base) => {
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
])("base URL %j is refused, and the message does not contain it", async (baseUrl) => {
  const message = await refusalOf({ apiKey: KEY, baseUrl });
  expect(message).toContain("VISGATE_BASE_URL");
  expect(message).not.toContain(baseUrl);
  expect(message).not.toContain("secret-word");
});

it("a missing or invalid key is refused, and the message names the variable but not the key", async () => {
  vi.stubEnv("VISGATE_API_KEY", "");
  expect(await refusalOf({})).toContain("VISGATE_API_KEY is not set");
  const message = await refusalOf({ apiKey: `${KEY}\r\nX-Evil: 1` });
  expect(message).toContain("VISGATE_API_KEY");
  expect(message).not.toContain(KEY);
});

it("uses the options alone on a runtime without `process`", async () => {
  vi.stubGlobal("process", undefined);
  try {
    expect(readSettings({ apiKey: KEY }).base).toBe("http://127.0.0.1:8787/api/v1");
    expect(await refusalOf({})).toContain("VISGATE_API_KEY is not set");
  } finally {
    vi.unstubAllGlobals();
  }
});
