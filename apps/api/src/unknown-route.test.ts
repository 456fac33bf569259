import { readFileSync } from "node:fs";
import { errorBody } from "@visgate/shared/contract";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { BASE, KEY, useTestApi } from "../../../tests/support/api.js";

const { api } = useTestApi();
const DOCS = `${BASE}/api/v1/docs`;

describe("a method that the path does not take", () => {
  test.each([
    { method: "GET", path: "/videos/generate", allow: "POST, OPTIONS" },
    { method: "HEAD", path: "/videos/generate", allow: "POST, OPTIONS" },
    { method: "PUT", path: "/requests", allow: "GET, HEAD, OPTIONS" },
    { method: "POST", path: "/requests/some-id", allow: "GET, HEAD, DELETE, OPTIONS" },
    { method: "GET", path: "/requests/some-id/cancel", allow: "POST, OPTIONS" },
    { method: "PATCH", path: "/requests/bulk", allow: "POST, OPTIONS" },
    { method: "PUT", path: "/webhook-endpoints/some-id", allow: "GET, HEAD, PATCH, DELETE, OPTIONS" },
    { method: "PATCH", path: "/providers/keys", allow: "GET, HEAD, PUT, OPTIONS" },
    { method: "POST", path: "/models/fal-ai/veo3", allow: "GET, HEAD, OPTIONS" },
    { method: "PATCH", path: "/files/default/some-id/0.mp4", allow: "GET, HEAD, OPTIONS" },
    { method: "POST", path: `${BASE}/robots.txt`, allow: "GET, HEAD, OPTIONS" },
    { method: "PROPFIND", path: "/health", allow: "GET, HEAD, OPTIONS" },
  ])("$method $path: is a 405 with Allow, without an API key", async ({ method, path, allow }) => {
    const { status, headers, body } = await api.call(method, path, { key: null });
    expect([status, headers.get("allow")]).toEqual([405, allow]);
    if (method === "HEAD") return;
    expect(z.strictObject(errorBody.shape).parse(body)).toMatchObject({
      error: "METHOD_NOT_ALLOWED",
      details: { allowed: allow.split(", "), docs: DOCS },
    });
  });

  test("OPTIONS: lists the methods of the path", async () => {
    const { status, headers, bytes } = await api.call("OPTIONS", "/videos/generate", { key: null });
    expect([status, headers.get("allow"), bytes.length]).toEqual([204, "POST, OPTIONS", 0]);
    expect((await api.call("OPTIONS", "/nothing", { key: null })).status).toBe(404);
  });
});

describe("an unknown path", () => {
  test.each([
    { path: `${BASE}/videos/generate`, suggestion: "/api/v1/videos/generate" },
    { path: `${BASE}/v1/videos/generate`, suggestion: "/api/v1/videos/generate" },
    { path: "/video/generate", suggestion: "/api/v1/videos/generate" },
    { path: "/image/generate", suggestion: "/api/v1/images/generate" },
    { path: "/request", suggestion: "/api/v1/requests" },
    { path: `${BASE}/health`, suggestion: "/api/v1/health" },
    { path: "/no/such/thing", suggestion: undefined },
    { path: `/${"x".repeat(5000)}`, suggestion: undefined },
  ])("names the docs, and suggests $suggestion", async ({ path, suggestion }) => {
    const { status, body } = await api.call("POST", path);
    expect([status, body.error, body.details]).toEqual([404, "NOT_FOUND", { docs: DOCS, suggestion }]);
    expect(body.message).toContain(DOCS);
    expect(body.message.length).toBeLessThan(300);
    if (suggestion !== undefined) expect(body.message).toContain(`Did you mean ${suggestion}?`);
  });
});

describe("an unknown model", () => {
  const videos = (model: string) => api.generate({ model, prompt: "a bird" });
  test.each([
    { typed: "veo3", suggestion: "fal-ai/veo3" },
    { typed: "FAL-AI/VEO3", suggestion: "fal-ai/veo3" },
    { typed: "fal/veo3", suggestion: "fal-ai/veo3" },
    { typed: "google/veo-3", suggestion: "replicate/google/veo-3" },
    { typed: "gen4-turbo", suggestion: "runway/gen4_turbo" },
    // An image model cannot make a video.
    { typed: "flux/schnel", suggestion: undefined },
    { typed: "x".repeat(200), suggestion: undefined },
  ])("suggests $suggestion for $typed", async ({ typed, suggestion }) => {
    const { status, body } = await videos(typed);
    expect([status, body.error]).toEqual([404, "MODEL_NOT_FOUND"]);
    expect(body.details).toEqual({ field: "model", suggestion });
    if (suggestion !== undefined) expect(body.message).toBe(`There is no model ${typed}. Did you mean ${suggestion}?`);
  });

  test("suggests image models where images are made, and all models in the catalogue", async () => {
    const body = { model: "flux/schnel", prompt: "a bird" };
    for (const answer of [
      await api.call("POST", "/images/generate", { body }),
      await api.call("POST", "/generate", { body }),
      await api.call("GET", "/models/flux/schnel", { key: null }),
    ])
      expect([answer.status, answer.body.details.suggestion]).toEqual([404, "fal-ai/flux/schnell"]);
  });
});

describe("the root of the server", () => {
  const get = (path: string) => api.call("GET", BASE + path, { key: null });

  test("robots.txt: keeps crawlers out", async () => {
    expect((await get("/robots.txt")).body).toBe("User-agent: *\nDisallow: /\n");
  });

  test("favicon.ico: is the icon of the docs page", async () => {
    const { status, headers, bytes } = await get("/favicon.ico");
    expect([status, headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(bytes.equals((await api.call("GET", "/docs/favicon-32x32.png", { key: KEY })).bytes)).toBe(true);
  });

  test("llms.txt: is served, and each document that it names", async () => {
    const { status, headers, body } = await get("/llms.txt");
    expect([status, headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    const links = [...body.matchAll(/\]\(([^)]+\.md)\)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links) {
      const answer = await get(`/${link}`);
      expect([link, answer.status, answer.headers.get("content-type")]).toEqual([
        link,
        200,
        "text/markdown; charset=utf-8",
      ]);
    }
  });

  test("llms.txt: is the file of the repository and the address of this server, and may be cached", async () => {
    const { headers, body } = await get("/llms.txt");
    expect(headers.get("cache-control")).toBe("max-age=3600");
    const address = body.split("\n\n")[2];
    expect(address).toContain(`${BASE}/api/v1/openapi.json`);
    expect(address).toContain(`VISGATE_BASE_URL=${BASE}`);
    const file = readFileSync(new URL("../../../llms.txt", import.meta.url), "utf8");
    expect(body.replace(`${address}\n\n`, "")).toBe(file);
  });

  test.each(["/package.json", "/.env", "/docs/../package.json", "/docs", "/docs/none.md"])(
    "serves no other file: %s",
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});
