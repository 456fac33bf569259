import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../../tests/support/api.js";
import { startTestRedis, type TestRedis } from "../../../tests/support/redis.js";

const DAY_MS = 86_400_000;
const MEDIA = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
let server: TestRedis;
let api: TestApi;
let url: string;
beforeAll(async () => {
  server = await startTestRedis();
  api = await startTestApi(server.url);
  const id = await api.submit();
  await api.complete(id, MEDIA);
  url = (await api.call("GET", `/requests/${id}`)).body.output_url;
});
afterAll(async () => {
  await api.close();
  await server.stop();
});

const get = (address = url, headers: Record<string, string> = {}) => api.call("GET", address, { key: null, headers });
const altered = (change: (url: URL) => void) => {
  const copy = new URL(url);
  change(copy);
  return copy.href;
};
/** Changes the path of the file. */
const path = (from: string, to: string) => (url: URL) => {
  url.pathname = url.pathname.replace(from, to);
};

describe("a signed file URL", () => {
  test("gives the bytes as they are, without a key, as what they are", async () => {
    const { status, headers, bytes } = await get();
    expect(status).toBe(200);
    expect(bytes.equals(MEDIA)).toBe(true);
    expect(headers.get("content-type")).toBe("video/mp4");
    expect(headers.get("content-length")).toBe("1000");
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toMatch(/^private/);
  });

  test("HEAD tells the same of it, without a byte", async () => {
    const { status, headers, bytes } = await api.call("HEAD", url, { key: null });
    expect([status, bytes.length, headers.get("content-length")]).toEqual([200, 0, "1000"]);
    const part = await api.call("HEAD", url, { key: null, headers: { range: "bytes=0-9" } });
    expect([part.status, part.headers.get("content-length")]).toEqual([206, "10"]);
  });

  test.each([
    { what: "no signature", change: (to: URL) => to.searchParams.delete("signature") },
    { what: "an empty signature", change: (to: URL) => to.searchParams.set("signature", "") },
    { what: "another signature", change: (to: URL) => to.searchParams.set("signature", "A".repeat(43)) },
    { what: "a longer life", change: (to: URL) => to.searchParams.set("expires", "99999999999") },
    { what: "no expiry", change: (to: URL) => to.searchParams.delete("expires") },
    { what: "a wild expiry", change: (to: URL) => to.searchParams.set("expires", "Infinity") },
    { what: "another file", change: path("0.mp4", "1.mp4") },
    {
      what: "the request's input",
      change: path("0.mp4", "input.png"),
    },
    { what: "a way out", change: path("0.mp4", "0.mp4%2f..%2f..%2f..%2fetc%2fpasswd") },
    { what: "a folder", change: path("/0.mp4", "") },
  ])("with $what is a 401 that tells nothing of the file", async ({ change }) => {
    const { status, body } = await get(altered(change));
    expect([status, body.error]).toEqual([401, "AUTHENTICATION_ERROR"]);
    expect(JSON.stringify(body)).not.toContain("mp4");
  });

  test("a good key does not open it", async () => {
    const unsigned = url.split("?")[0] ?? "";
    expect((await api.call("GET", unsigned)).status).toBe(401);
  });

  test("a signature that does not fit its file is never a way out of the store", async () => {
    writeFileSync(join(api.dataDir, "outside.mp4"), "outside");
    const key = "../outside.mp4";
    const signature = api.deps.secrets.signFile(key, 99_999_999_999);
    const path = `/files/${encodeURIComponent(key)}?expires=99999999999&signature=${signature}`;
    const { status, bytes } = await get(`http://gateway.test/api/v1${path}`);
    expect(status).not.toBe(200);
    expect(bytes.toString()).not.toBe("outside");
  });

  test("is the same whenever it is asked for, and lives as long as the file", async () => {
    const id = new URL(url).pathname.split("/").at(-2);
    api.clock.advance(29 * DAY_MS);
    expect((await api.call("GET", `/requests/${id}`)).body.output_url).toBe(url);
    expect((await get()).status).toBe(200);
    api.clock.advance(1.1 * DAY_MS);
    const { status, body } = await get();
    expect([status, body.error]).toEqual([404, "NOT_FOUND"]);
    api.clock.advance(-30.1 * DAY_MS);
  });

  test("of a pruned file is a 404", async () => {
    const id = await api.submit();
    await api.complete(id, MEDIA);
    const { body } = await api.call("GET", `/requests/${id}`);
    rmSync(join(api.dataDir, "files", "default", id), { recursive: true });
    expect((await get(body.output_url)).status).toBe(404);
  });
});

describe("Range", () => {
  test.each([
    { range: "bytes=0-99", from: 0, to: 99 },
    { range: "bytes=100-100", from: 100, to: 100 },
    { range: "bytes=900-", from: 900, to: 999 },
    { range: "bytes=-100", from: 900, to: 999 },
    { range: "bytes=0-", from: 0, to: 999 },
    { range: "bytes=990-5000", from: 990, to: 999 },
    { range: "bytes=-5000", from: 0, to: 999 },
    { range: "bytes=0-9,5-19", from: 0, to: 19 },
  ])("$range is answered with just that", async ({ range, from, to }) => {
    const { status, headers, bytes } = await get(url, { range });
    expect(status).toBe(206);
    expect(headers.get("content-range")).toBe(`bytes ${from}-${to}/1000`);
    expect(headers.get("content-length")).toBe(String(to - from + 1));
    expect(bytes.equals(MEDIA.subarray(from, to + 1))).toBe(true);
  });

  test.each(["bytes=1000-", "bytes=2000-3000", "bytes=-0"])("%s is a 416 that tells the length", async (range) => {
    const { status, headers, bytes } = await get(url, { range });
    expect([status, headers.get("content-range"), bytes.length]).toEqual([416, "bytes */1000", 0]);
  });

  test.each(["bytes=abc", "nonsense", "items=0-9", "bytes=0-9,100-109"])(
    "%s is answered with the whole file",
    async (range) => {
      const { status, headers, bytes } = await get(url, { range });
      expect([status, headers.get("content-range"), bytes.length]).toEqual([200, null, 1000]);
    },
  );
});
