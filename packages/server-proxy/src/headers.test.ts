import { describe, expect, it } from "vitest";
import { headersToBrowser, headersToGateway, rewriteLocation } from "./headers.js";

it("headersToGateway: passes five headers of the browser and adds the server's key", () => {
  const from = new Headers({
    accept: "application/json",
    "content-type": "application/json",
    "idempotency-key": "order-1",
    prefer: "respond-async",
    "last-event-id": "3",
    authorization: "Bearer of-the-browser",
    cookie: "session=1",
    "x-fal-key": "k",
    "x-replicate-key": "k",
    "x-runway-key": "k",
    "x-forwarded-for": "1.2.3.4",
    "x-forwarded-host": "evil.example",
    forwarded: "for=1.2.3.4",
    connection: "keep-alive, x-hop",
    "x-hop": "1",
    "transfer-encoding": "chunked",
    "x-request-id": "mine",
    origin: "https://app.example",
    referer: "https://app.example/page",
  });
  expect(Object.fromEntries(headersToGateway(from, "vg-key"))).toEqual({
    accept: "application/json",
    authorization: "Bearer vg-key",
    "content-type": "application/json",
    "idempotency-key": "order-1",
    "last-event-id": "3",
    prefer: "respond-async",
  });
});

it("headersToBrowser: passes six headers of the gateway, and none that sets cookies or names software", () => {
  const from = new Headers({
    "content-type": "application/json",
    "retry-after": "2",
    "preference-applied": "respond-async",
    "idempotency-replayed": "true",
    "x-request-id": "r-1",
    "set-cookie": "a=1",
    server: "nginx",
    "access-control-allow-origin": "*",
    "content-encoding": "gzip",
    "content-length": "12",
    location: "http://10.0.0.1/api/v1/requests/1",
    "x-upstream": "10.0.0.1",
  });
  expect(Object.fromEntries(headersToBrowser(from, null))).toEqual({
    "cache-control": "no-store",
    "content-type": "application/json",
    "idempotency-replayed": "true",
    "preference-applied": "respond-async",
    "retry-after": "2",
    "x-request-id": "r-1",
  });
  const cached = new Headers({ "content-type": "application/json", "cache-control": "private, max-age=60" });
  expect(headersToBrowser(cached, null).get("cache-control")).toBe("private, max-age=60");
});

it("headersToBrowser: forbids buffering of an event stream", () => {
  const from = new Headers({ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
  expect(Object.fromEntries(headersToBrowser(from, null))).toMatchObject({
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
});

describe("rewriteLocation", () => {
  const base = "http://gate:8787/api/v1";
  const asked = "https://app.example/app/api/visgate/videos/generate?wait=1";
  it.each([
    ["/api/v1/requests/1", "/app/api/visgate/requests/1"],
    ["http://gate:8787/api/v1/requests/1", "/app/api/visgate/requests/1"],
    ["http://gate:8787/metrics", null],
    ["http://gate:8787/api/v1", null],
    ["http://other:8787/api/v1/requests/1", null],
    ["//evil.example/api/v1/requests/1", null],
    ["/api/v1/../../metrics", null],
    ["http://[", null],
    [null, null],
  ])("%j becomes %j", (location, expected) => {
    expect(rewriteLocation(location, { base, asked, path: "videos/generate" })).toBe(expected);
  });

  it("null when the path does not show where the proxy is mounted", () => {
    const elsewhere = { base, asked: "https://app.example/rewritten", path: "generate" };
    expect(rewriteLocation("/api/v1/requests/1", elsewhere)).toBeNull();
  });
});
