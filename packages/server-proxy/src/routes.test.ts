import { describe, expect, it } from "vitest";
import { findTarget } from "./routes.js";

const ID = "0198a0a0-0000-7000-8000-000000000000";

describe("findTarget: allowed calls", () => {
  it.each([
    ["videos/generate", ["POST"]],
    ["images/generate", ["POST"]],
    ["generate", ["POST"]],
    ["requests", ["GET", "HEAD"]],
    [`requests/${ID}`, ["GET", "DELETE", "HEAD"]],
    [`requests/${ID}/events`, ["GET", "HEAD"]],
    [`requests/${ID}/cancel`, ["POST"]],
    ["models", ["GET", "HEAD"]],
    ["models/fal-ai/kling-video/v2.5-turbo/pro/text-to-video", ["GET", "HEAD"]],
    ["events", ["GET", "HEAD"]],
    ["health", ["GET", "HEAD"]],
  ])("%s", (path, methods) => {
    expect(findTarget(path.split("/"))).toEqual({ path, methods });
  });
});

describe("findTarget: null for all other paths", () => {
  it.each([
    ...["webhook-endpoints", `webhook-endpoints/${ID}/rotate-secret`, "webhooks/default/secret"],
    ...["providers/keys", "providers/balances", "providers/validate", "api-keys", "auth/me", "files/default/x/0"],
    ...[`requests/${ID}/deliveries`, `requests/${ID}/deliveries/1/redeliver`, "openapi.json", "docs", "metrics", ""],
    ...["requests/", "/requests", "models//veo3", `requests/${ID}/events/more`, "Requests", "healthz", "videos"],
  ])("%j", (path) => {
    expect(findTarget(path.split("/"))).toBeNull();
  });

  it.each([
    ["models", "..", "api-keys"],
    ["models", ".", "veo3"],
    ["models", "%2e%2e", "api-keys"],
    ["models", "%2E%2E%2Fapi-keys"],
    ["models", "../api-keys"],
    ["models", "fal-ai/../../api-keys"],
    ["models", "..\\api-keys"],
    ["models", "a\\b"],
    ["models", "veo3?x=1"],
    ["models", "veo3#x"],
    ["models", "veo3;x"],
    ["models", "veo 3"],
    ["models", "veo3\n"],
    ["models", "veo3\r\nX-Fal-Key: x"],
    ["models", "\u2025", "api-keys"],
    ["models", "http:", "", "evil.example"],
    ["models", "http://evil.example"],
    ["models", "@evil.example"],
    ["//evil.example"],
    ["http://evil.example/generate"],
    ["requests", "a/cancel"],
    ["requests", ""],
    ["models", "v".repeat(129)],
    [],
  ])("%j, %j, %j", (...segments) => {
    expect(findTarget(segments)).toBeNull();
  });
});
