import { PROVIDERS } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import { type Config, parseConfig as parse, publicBase, reportBase, urlPolicy } from "./config.js";
import type { ProviderConfig } from "./provider-config.js";

const SECRET = "sixteen-characters-or-more";
const base = { VISGATE_SECRET: SECRET };
const parseConfig = (env: Record<string, string | undefined>): Config => parse(env, PROVIDERS);
const faultsOf = (env: Record<string, string | undefined>): string[] => {
  try {
    parseConfig(env);
  } catch (error) {
    const [head, ...lines] = (error as Error).message.split("\n");
    expect(head).toBe("The configuration is wrong:");
    return lines;
  }
  return [];
};

describe("parseConfig", () => {
  test("has the documented defaults", () => {
    expect(parseConfig(base)).toEqual({
      HOST: "127.0.0.1",
      PORT: 8787,
      ACCEPT_REPLICAS: 0,
      ACCEPT_REPLICAS_ON_DISK: false,
      QUEUE_SHARDS: 1,
      REDIS_URL: "redis://127.0.0.1:6379",
      LOG_LEVEL: "info",
      KEEP_ALIVE_SECONDS: 95,
      TRUSTED_PROXIES: 0,
      DATA_DIR: ".data",
      VISGATE_SECRET: [SECRET],
      SIMULATED_PROVIDERS: [],
      OUTPUT_STORE: "disk",
      S3_REGION: "us-east-1",
      S3_DELIVERY: "redirect",
      S3_URL_SECONDS: 604_800,
      MAX_OUTPUT_BYTES: 1024 ** 3,
      POSTERS: true,
      SYNC_WAIT_SECONDS: 100,
      CACHE_TTL_SECONDS: 86_400,
      LOCATE_SECONDS: 120,
      UNSETTLED_SECONDS: 900,
      COOL_DOWN_SECONDS: 60,
      ALERT_ERROR_RATE: 0.5,
      ALERT_QUEUE_AGE_SECONDS: 300,
      ALERT_CLEAR_SECONDS: 60,
      UNKNOWN_HOLD_DAYS: 7,
      CACHE_SCOPE: "org",
      CACHING_DIALECTS: [],
      WEBHOOK_DISABLE_AFTER_SECONDS: 432_000,
      RETENTION_DAYS: 30,
      WORKER_CONCURRENCY: 200,
      LOCK_DURATION_MS: 60_000,
      SUBMIT_TIMEOUT_MS: 30_000,
      ALLOW_PRIVATE_URLS: false,
      ALLOWED_PRIVATE_ORIGINS: [],
      ALLOW_UNSAFE_REDIS: false,
      HIDE_PROMPTS: false,
      OTEL_SDK_DISABLED: false,
      TRACEPARENT_TO_PROVIDERS: false,
      providers: expect.any(Map),
    });
  });

  test("returns a frozen object", () => {
    expect(Object.isFrozen(parseConfig(base))).toBe(true);
  });

  test("ignores empty and unknown variables", () => {
    expect(parseConfig({ ...base, PORT: "", FAL_KEY: "", SOMETHING_ELSE: "x" })).toEqual(parseConfig(base));
  });

  test("reads every variable", () => {
    const config = parseConfig({
      ...base,
      PORT: "0",
      REDIS_URL: "rediss://user:pw@redis.example.com:6380/2",
      PUBLIC_URL: "https://gw.example.com///",
      VISGATE_API_KEY: "vg-0123456789abcdef",
      ALLOW_PRIVATE_URLS: "1",
      ALLOW_UNSAFE_REDIS: "false",
      SIMULATED_PROVIDERS: "fal, ,",
      WEBHOOK_RETRY_SECONDS: "0.2,0.4",
      SYNC_WAIT_SECONDS: "0",
    });
    expect(config).toMatchObject({
      PORT: 0,
      PUBLIC_URL: "https://gw.example.com",
      ALLOW_PRIVATE_URLS: true,
      ALLOW_UNSAFE_REDIS: false,
      SIMULATED_PROVIDERS: ["fal"],
      WEBHOOK_RETRY_SECONDS: [0.2, 0.4],
      SYNC_WAIT_SECONDS: 0,
    });
  });

  test.each([
    { name: "PORT", value: "http" },
    { name: "PORT", value: "65536" },
    { name: "PORT", value: "80.5" },
    { name: "METRICS_PORT", value: "-1" },
    { name: "KEEP_ALIVE_SECONDS", value: "0" },
    { name: "TRUSTED_PROXIES", value: "1.5" },
    { name: "REDIS_URL", value: "localhost:6379" },
    { name: "REDIS_URL", value: "http://localhost" },
    { name: "PUBLIC_URL", value: "gw.example.com" },
    { name: "PUBLIC_URL", value: "ftp://gw.example.com" },
    { name: "LOG_LEVEL", value: "loud" },
    { name: "VISGATE_API_KEY", value: "vg-short" },
    { name: "VISGATE_API_KEY", value: "sk-0123456789abcdef0123" },
    { name: "VISGATE_SECRET", value: "short-secret" },
    { name: "VISGATE_SECRET", value: `${SECRET},short-secret` },
    { name: "VISGATE_SECRET", value: ", ," },
    { name: "FAL_BASE_URL", value: "queue.fal.run" },
    { name: "FAL_PLATFORM_URL", value: "api.fal.ai" },
    { name: "FAL_KEY", value: "two words" },
    { name: "REPLICATE_API_TOKEN", value: "r8_x\n" },
    { name: "RUNWAYML_API_SECRET", value: "key_ä" },
    { name: "RUNWAY_BASE_URL", value: "api.dev.runwayml.com" },
    { name: "FAL_MAX_IN_FLIGHT", value: "0" },
    { name: "RUNWAY_MAX_IN_FLIGHT_PER_MODEL", value: "1.5" },
    { name: "REPLICATE_CREATES_PER_SECOND", value: "ten" },
    { name: "OPENAI_VIDEOS_CREATES_PER_SECOND", value: "-0.5" },
    { name: "OUTPUT_STORE", value: "tape" },
    { name: "S3_BUCKET", value: "s3://bucket/folder" },
    { name: "S3_ENDPOINT", value: "minio:9000" },
    { name: "S3_REGION", value: "eu west 1" },
    { name: "S3_DELIVERY", value: "stream" },
    { name: "S3_URL_SECONDS", value: "0" },
    { name: "S3_URL_SECONDS", value: "604801" },
    { name: "AWS_ACCESS_KEY_ID", value: "AKIA two" },
    { name: "AWS_SECRET_ACCESS_KEY", value: "line-end\n" },
    { name: "MAX_OUTPUT_BYTES", value: "0" },
    { name: "MAX_OUTPUT_BYTES", value: "1 GB" },
    { name: "POSTERS", value: "small" },
    { name: "SYNC_WAIT_SECONDS", value: "-1" },
    { name: "RETENTION_DAYS", value: "0" },
    { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "127.0.0.1:4318" },
    { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http" },
    { name: "OTEL_TRACES_SAMPLER", value: "sometimes" },
    { name: "OTEL_TRACES_SAMPLER_ARG", value: "10" },
    { name: "OTEL_SDK_DISABLED", value: "perhaps" },
    { name: "WORKER_QUEUES", value: "fall" },
    { name: "SIMULATED_PROVIDERS", value: "fal,nobody" },
    { name: "ALLOWED_PRIVATE_ORIGINS", value: "127.0.0.1:3000" },
    { name: "WORKER_CONCURRENCY", value: "many" },
    { name: "QUEUE_SHARDS", value: "0" },
    { name: "QUEUE_SHARDS", value: "10000" },
    { name: "LOCK_DURATION_MS", value: "10" },
    { name: "SUBMIT_TIMEOUT_MS", value: "1" },
    { name: "WEBHOOK_RETRY_SECONDS", value: "5,soon" },
    { name: "ALLOW_PRIVATE_URLS", value: "yes please" },
    { name: "ALLOW_UNSAFE_REDIS", value: "TRUE!" },
  ])("$name=$value is an error of one line, with the name and without the value", ({ name, value }) => {
    const lines = faultsOf({ ...base, [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name}(\\.\\d+)?: .{5,}`));
    if (value.length > 4) expect(lines[0]).not.toContain(value);
  });

  const s3 = { OUTPUT_STORE: "s3", S3_BUCKET: "media" };
  test.each([
    { env: { OUTPUT_STORE: "s3" }, lines: ["S3_BUCKET: is required"] },
    { env: { ...s3, AWS_ACCESS_KEY_ID: "k" }, lines: ["AWS_SECRET_ACCESS_KEY: is required"] },
    { env: { ...s3, AWS_SECRET_ACCESS_KEY: "s" }, lines: ["AWS_ACCESS_KEY_ID: is required"] },
    { env: s3, lines: [] },
    { env: { ...s3, AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" }, lines: [] },
    { env: { AWS_ACCESS_KEY_ID: "k" }, lines: [] },
  ])("requires the variables of S3 for $env", ({ env, lines }) => {
    expect(faultsOf({ ...base, ...env })).toEqual(lines);
  });

  test("reports missing variables of S3 together with other faults", () => {
    const lines = faultsOf({ ...base, OUTPUT_STORE: "s3", PORT: "x" });
    expect(lines.map((line) => line.split(":")[0])).toEqual(["PORT", "S3_BUCKET"]);
  });

  test("ACCEPT_REPLICAS_ON_DISK: is an error without ACCEPT_REPLICAS, and names both", () => {
    const onDisk = { ...base, ACCEPT_REPLICAS_ON_DISK: "true" };
    expect(faultsOf(onDisk)).toEqual([expect.stringMatching(/^ACCEPT_REPLICAS_ON_DISK: needs ACCEPT_REPLICAS\b/)]);
    expect(parseConfig({ ...onDisk, ACCEPT_REPLICAS: "1" }).ACCEPT_REPLICAS_ON_DISK).toBe(true);
  });

  test("VISGATE_SECRET: commas separate several secrets, and a single one is taken as it is", () => {
    const [one, two] = ["first-secret-0123456789", "second-secret-0123456789"];
    expect(parseConfig({ VISGATE_SECRET: ` ${one}` }).VISGATE_SECRET).toEqual([` ${one}`]);
    expect(parseConfig({ VISGATE_SECRET: `${one}, ${two},` }).VISGATE_SECRET).toEqual([one, two]);
  });

  test("requires VISGATE_SECRET", () => {
    expect(faultsOf({})).toEqual(["VISGATE_SECRET: is required"]);
  });

  test("reports all faults, each on a line and without a secret", () => {
    const env = {
      PORT: "x",
      LOG_LEVEL: "y",
      VISGATE_SECRET: "tooshort",
      VISGATE_API_KEY: "not-a-visgate-key-at-all",
      REDIS_URL: "http://:redis-password@host",
      FAL_KEY: "fal-secret-key",
    };
    const lines = faultsOf(env);
    expect(lines.map((line) => line.split(":")[0])).toEqual([
      "PORT",
      "REDIS_URL",
      "LOG_LEVEL",
      "VISGATE_API_KEY",
      "VISGATE_SECRET",
    ]);
    expect(lines.join()).not.toMatch(/tooshort|not-a-visgate|redis-password|fal-secret/);
  });
});

describe("derived settings", () => {
  test.each([
    { env: { PUBLIC_URL: "https://gw.example.com/" }, is: "https://gw.example.com" },
    { env: {}, is: "http://127.0.0.1:8787" },
    { env: { HOST: "0.0.0.0", PORT: "9000" }, is: "http://127.0.0.1:9000" },
    { env: { HOST: "::" }, is: "http://127.0.0.1:8787" },
    { env: { HOST: "::1" }, is: "http://[::1]:8787" },
    { env: { HOST: "gw.internal" }, is: "http://gw.internal:8787" },
  ])("publicBase: $is for $env", ({ env, is }) => {
    expect(publicBase(parseConfig({ ...base, ...env }))).toBe(is);
  });

  test("urlPolicy: private addresses are refused by default", () => {
    expect(urlPolicy(parseConfig(base))).toEqual({ allowPrivate: false, allowedOrigins: new Set() });
    const opened = parseConfig({ ...base, ALLOWED_PRIVATE_ORIGINS: "http://127.0.0.1:9000/,https://hooks.local" });
    expect(urlPolicy(opened).allowedOrigins).toEqual(new Set(["http://127.0.0.1:9000", "https://hooks.local"]));
  });

  test("providers: the limits of their accounts, none by default", () => {
    const none = { maxInFlight: null, maxInFlightPerModel: null, createsPerSecond: null };
    expect(parseConfig(base).providers.get("fal")?.limits).toEqual(none);
    const env = { ...base, FAL_MAX_IN_FLIGHT: "2", OPENAI_VIDEOS_MAX_IN_FLIGHT_PER_MODEL: "3" };
    const { providers } = parseConfig({ ...env, REPLICATE_CREATES_PER_SECOND: "0.1" });
    expect(providers.get("fal")?.limits).toEqual({ ...none, maxInFlight: 2 });
    expect(providers.get("openai-videos")?.limits).toEqual({ ...none, maxInFlightPerModel: 3 });
    expect(providers.get("replicate")?.limits).toEqual({ ...none, createsPerSecond: 0.1 });
  });

  test("providers: default URLs, and those of the environment", () => {
    expect(parseConfig(base).providers.get("fal")).toMatchObject({
      apiKey: null,
      baseUrl: "https://queue.fal.run",
      urls: { platform: "https://api.fal.ai/v1", reportKeys: "https://rest.fal.ai/.well-known/jwks.json" },
      origins: ["https://queue.fal.run"],
      simulated: false,
    });
    const env = { ...base, FAL_KEY: "k", FAL_BASE_URL: "http://127.0.0.1:8790/fal/", SIMULATED_PROVIDERS: "fal" };
    expect(parseConfig(env).providers.get("fal")).toMatchObject({
      apiKey: "k",
      baseUrl: "http://127.0.0.1:8790/fal",
      urls: { platform: null, reportKeys: "https://rest.fal.ai/.well-known/jwks.json" },
      origins: ["http://127.0.0.1:8790"],
      simulated: true,
    });
  });

  test.each([
    { env: {}, platformUrl: "https://api.fal.ai/v1" },
    { env: { FAL_BASE_URL: "https://queue.fal.run/" }, platformUrl: "https://api.fal.ai/v1" },
    { env: { FAL_BASE_URL: "https://proxy.example.com" }, platformUrl: null },
    { env: { FAL_PLATFORM_URL: "https://list.example.com/v1/" }, platformUrl: "https://list.example.com/v1" },
    {
      env: { FAL_BASE_URL: "http://127.0.0.1:1/fal", FAL_PLATFORM_URL: "http://127.0.0.1:1/list" },
      platformUrl: "http://127.0.0.1:1/list",
    },
  ])("providers: with $env the platform URL of fal is $platformUrl", ({ env, platformUrl }) => {
    expect(parseConfig({ ...base, ...env }).providers.get("fal")?.urls["platform"]).toBe(platformUrl);
  });

  test.each([
    { PUBLIC_URL: undefined, simulated: true, base: null },
    { PUBLIC_URL: "https://gw.example.com", simulated: false, base: "https://gw.example.com" },
    { PUBLIC_URL: "http://gw.example.com", simulated: false, base: null },
    { PUBLIC_URL: "https://127.0.0.1:8787", simulated: false, base: null },
    { PUBLIC_URL: "http://127.0.0.1:8787", simulated: true, base: "http://127.0.0.1:8787" },
  ])(
    "with PUBLIC_URL $PUBLIC_URL a provider (simulated: $simulated) reports to $base",
    ({ PUBLIC_URL, simulated, base: wanted }) => {
      const env = { ...base, PUBLIC_URL, ...(simulated ? { SIMULATED_PROVIDERS: "fal" } : {}) };
      const config = parseConfig(env);
      const provider = (name: "fal" | "runway") => config.providers.get(name) as ProviderConfig;
      expect(reportBase(config, provider("fal"))).toBe(wanted);
      expect(reportBase(config, provider("runway"))).toBeNull();
    },
  );
});
