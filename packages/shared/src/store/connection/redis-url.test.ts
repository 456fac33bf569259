import { describe, expect, test } from "vitest";
import { clusterAddress, isRedisUrl, sentinelOptions } from "./redis-url.js";

describe("isRedisUrl", () => {
  test.each([
    "redis://127.0.0.1:6379",
    "redis://:pass@host:6379/2",
    "rediss://user:pass@host",
    "redis+sentinel://a:26379,b:26380,c/main",
    "rediss+sentinel://user:p%40ss@[::1]:26379/main/3?sentinel_password=s",
    "redis+cluster://a,b:6380,[::1]:6381",
    "rediss+cluster://user:p%40ss@a:6379/",
  ])("takes %s", (url) => expect(isRedisUrl(url)).toBe(true));

  test.each([
    "localhost:6379",
    "http://host",
    "redis+sentinel://a:26379",
    "redis+sentinel://a:26379/",
    "redis+sentinel:///main",
    "redis+sentinel://a:26379,/main",
    "redis+sentinel://a:99999/main",
    "redis+sentinel://a:x/main",
    "redis+sentinel://a:26379/main/one",
    "redis+sentinel://a:26379/main?password=s",
    "redis+sentinel://u:%zz@a:26379/main",
    "http+sentinel://a:26379/main",
    "redis+cluster://",
    "redis+cluster://a,,b",
    "redis+cluster://a/2",
    "redis+cluster://a:99999",
    "redis+cluster://u:%zz@a",
  ])("refuses %s", (url) => expect(isRedisUrl(url)).toBe(false));
});

test("clusterAddress: reads the nodes, the user and TLS", () => {
  expect(clusterAddress("rediss+cluster://us%3Aer:p%40ss@a:7000,[::1],b")).toEqual({
    nodes: [
      { host: "a", port: 7000 },
      { host: "::1", port: 6379 },
      { host: "b", port: 6379 },
    ],
    login: { username: "us:er", password: "p@ss", tls: {} },
  });
  expect(clusterAddress("redis+cluster://:p@a")?.login).toEqual({ password: "p" });
  expect(clusterAddress("redis://a")).toBeNull();
});

describe("sentinelOptions", () => {
  test("reads every part", () => {
    const url =
      "redis+sentinel://us%3Aer:p%40ss@a:26380,[::1],c:1/main%2F1/3?sentinel_username=s&sentinel_password=t%26";
    expect(sentinelOptions(url)).toMatchObject({
      sentinels: [
        { host: "a", port: 26_380 },
        { host: "::1", port: 26_379 },
        { host: "c", port: 1 },
      ],
      ...{ name: "main/1", db: 3, username: "us:er", password: "p@ss" },
      ...{ sentinelUsername: "s", sentinelPassword: "t&" },
    });
  });

  test("gives no user and no password when there is none, and the default user for a password alone", () => {
    expect(sentinelOptions("redis+sentinel://a/main")).not.toHaveProperty("password");
    const options = sentinelOptions("redis+sentinel://:pass@a/main");
    expect(options).toMatchObject({ password: "pass" });
    expect(options).not.toHaveProperty("username");
  });

  test("speaks TLS to Sentinels and to Redis with rediss", () => {
    expect(sentinelOptions("rediss+sentinel://a/main")).toMatchObject({
      ...{ tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true },
    });
    expect(sentinelOptions("redis+sentinel://a/main")).not.toHaveProperty("tls");
  });

  test("is null for a URL without Sentinels, which ioredis reads", () => {
    expect(sentinelOptions("redis://127.0.0.1:6379")).toBeNull();
  });
});
