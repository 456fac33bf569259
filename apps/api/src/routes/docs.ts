/** The OpenAPI document and a page that shows it. The page loads nothing from other servers. */
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Readable } from "node:stream";
import { VisgateError } from "@visgate/shared/errors";
import { z } from "zod";
import { answer } from "../http/answer.js";
import { answerPacked, type Packed, pack } from "../http/packed.js";
import { type Answer, type Ctx, json, type Route, type RouteRow } from "../http/route.js";
import { buildOpenApi } from "../openapi.js";
import { startDocs } from "./docs-start.js";

const ASSETS: Record<string, string> = {
  "swagger-ui.css": "text/css",
  "swagger-ui-bundle.js": "text/javascript",
  "favicon-32x32.png": "image/png",
};
const NOSNIFF = { "X-Content-Type-Options": "nosniff" };
/** A page that asks for a key must not be shown inside another page, where it could be covered. */
const PAGE_HEADERS = {
  "Content-Security-Policy":
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
  "X-Frame-Options": "DENY",
  ...NOSNIFF,
  "Referrer-Policy": "no-referrer",
};
const ASSET_HEADERS = { ...NOSNIFF, "Cache-Control": "max-age=3600" };

/** The script that starts the page is a part too. */
const ASSET_CONTENT = Object.fromEntries(Object.values(ASSETS).map((type) => [type, {}]));
const assetFolder = path.dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Visgate API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>`;
const START = `(${startDocs})(globalThis);`;

/** The document describes all routes, so it needs the whole table. */
export const openApiRoute = (allRoutes: () => readonly RouteRow[]): Route => ({
  docs: {
    operationId: "getOpenApiDocument",
    summary: "This document",
    description: "It lists the models of this server.",
    tags: ["System"],
    responses: { 200: { description: "OpenAPI 3.1.", content: json({ type: "object" }) } },
  },
  handler: (deps) => {
    let document: Packed | undefined;
    return (c) => {
      document ??= pack(Buffer.from(JSON.stringify(buildOpenApi(allRoutes(), deps))));
      return answerPacked(c, document, { "Content-Type": "application/json" });
    };
  },
});

export const docsPage: Route = {
  docs: {
    operationId: "getDocsPage",
    summary: "A page to read and try the API",
    description: "The page loads nothing from other servers.",
    tags: ["System"],
    responses: { 200: { description: "HTML.", content: { "text/html": { schema: { type: "string" } } } } },
  },
  handler: () => (c) => {
    return answer(c, PAGE, 200, { "Content-Type": "text/html; charset=utf-8", ...PAGE_HEADERS });
  },
};

export const docsAsset: Route = {
  docs: {
    operationId: "getDocsAsset",
    summary: "Parts of the docs page",
    description: "Its scripts, its style and its icon.",
    tags: ["System"],
    request: {
      params: z.object({ name: z.string().meta({ example: "swagger-ui.css" }).describe("The name of a file.") }),
    },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "Script, style or icon.", content: ASSET_CONTENT } },
  },
  handler: () => (c) => {
    const name = c.req.param("name") ?? "";
    if (name === "start.js") return answer(c, START, 200, { "Content-Type": "text/javascript", ...NOSNIFF });
    return sendDocsAsset(c, name);
  },
};

export function sendDocsAsset(c: Ctx, name: string): Answer {
  const contentType = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (contentType === undefined) throw new VisgateError("NOT_FOUND", "There is no such file.");
  const file = Readable.toWeb(createReadStream(path.join(assetFolder, name)));
  return answer(c, file as ReadableStream, 200, { "Content-Type": contentType, ...ASSET_HEADERS });
}
