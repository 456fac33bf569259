import { afterEach, describe, expect, it, vi } from "vitest";
import { type ClientOptions, resolveOptions } from "./client-options.js";
import { ValidationError } from "./errors.js";

afterEach(() => void vi.unstubAllEnvs());
const baseOf = (options: ClientOptions) => resolveOptions(options).base;

describe("client options", () => {
  it.each([
    ["http://gateway.test", "http://gateway.test/api/v1"],
    ["https://gateway.test/", "https://gateway.test/api/v1"],
    ["https://gateway.test/api/v1/", "https://gateway.test/api/v1"],
    ["https://gateway.test/media", "https://gateway.test/media/api/v1"],
  ])("baseUrl %s: calls go to %s", (baseUrl, base) => expect(baseOf({ baseUrl })).toBe(base));

  it("apiKey and baseUrl come from the environment unless given; an empty variable counts as not set", async () => {
    vi.stubEnv("VISGATE_BASE_URL", "http://from.env");
    vi.stubEnv("VISGATE_API_KEY", "vg-env");
    expect(baseOf({})).toBe("http://from.env/api/v1");
    expect(resolveOptions({}).token()).toBe("vg-env");
    expect(resolveOptions({ apiKey: "vg-given" }).token()).toBe("vg-given");
    vi.stubEnv("VISGATE_BASE_URL", "");
    vi.stubEnv("VISGATE_API_KEY", "");
    expect(baseOf({})).toBe("http://127.0.0.1:8787/api/v1");
    expect(resolveOptions({}).token()).toBeNull();
  });

  it("proxyUrl: the path is used as given, and neither apiKey nor the environment's key is sent", () => {
    vi.stubEnv("VISGATE_API_KEY", "vg-env");
    const settings = resolveOptions({ proxyUrl: "/api/visgate/", apiKey: "vg-given" });
    expect([settings.base, settings.token()]).toEqual(["/api/visgate", null]);
  });

  it.each([
    ["baseUrl", { baseUrl: "gateway.test" }],
    ["baseUrl", { baseUrl: "ftp://gateway.test" }],
    ["baseUrl", { baseUrl: "http://gateway.test/?" }],
    ["baseUrl", { baseUrl: "http://gateway.test/#" }],
    ["baseUrl", { baseUrl: " http://gateway.test" }],
    ["baseUrl", { baseUrl: "http://gateway.test\n" }],
    ["baseUrl", { baseUrl: "" }],
    ["proxyUrl", { proxyUrl: "" }],
    ["proxyUrl", { proxyUrl: "?y=1" }],
    ["proxyUrl", { proxyUrl: "/api/visgate?y=1" }],
    ["proxyUrl", { proxyUrl: "/api/visgate#" }],
    ["proxyUrl", { proxyUrl: " /api/visgate" }],
    ["proxyUrl", { proxyUrl: "http://user:password@proxy.test" }],
    ["falKey", { proxyUrl: "/api/visgate", falKey: "mine" }],
    ["replicateKey", { proxyUrl: "/api/visgate", replicateKey: "mine" }],
    ["runwayKey", { proxyUrl: "/api/visgate", runwayKey: "mine" }],
    ["getToken", { getToken: "vg-token" as unknown as () => string }],
    ["timeout", { timeout: 0 }],
    ["timeout", { timeout: "5000" as unknown as number }],
    ["timeout", { timeout: Number.POSITIVE_INFINITY }],
    ["timeout", { timeout: Number.NaN }],
    ["maxRetries", { maxRetries: -1 }],
    ["maxRetries", { maxRetries: 1.5 }],
    ["apiKey", { apiKey: "vg-with-a-line-end\n" }],
    ["falKey", { falKey: "ü" }],
  ])("an invalid %s is a ValidationError that names it: %o", (field, options) => {
    expect(() => resolveOptions(options)).toThrow(ValidationError);
    expect(() => resolveOptions(options)).toThrow(expect.objectContaining({ field }));
  });
});
