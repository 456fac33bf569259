/** The console: one page, its scripts and its style, as apps/console has built them. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { VisgateError } from "@visgate/shared/errors";
import type { OutputStore } from "@visgate/shared/outputs";
import type { Deps } from "../deps.js";
import { answer } from "../http/answer.js";
import { answerPacked, type Packed } from "../http/packed.js";
import type { Handler } from "../http/route.js";

const TYPES: Record<string, string> = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };
const NOSNIFF = { "X-Content-Type-Options": "nosniff" };
/** The name of an asset has the hash of its bytes. */
const ASSET_HEADERS = { ...NOSNIFF, "Cache-Control": "public, max-age=31536000, immutable" };
const PAGE_HEADERS = {
  ...NOSNIFF,
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-cache",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
};

interface Asset {
  type: string;
  body: Packed;
}

/** Read at the first call: a server whose console nobody opens does not hold it in memory. */
function readConsole() {
  const dist = join(createRequire(import.meta.url).resolve("@visgate/console/package.json"), "../dist");
  const assets = new Map<string, Asset>();
  for (const name of readdirSync(join(dist, "assets"))) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const gzipped = readFileSync(join(dist, "assets", `${name}.gz`));
    assets.set(name, { type, body: { plain: readFileSync(join(dist, "assets", name)), gzipped: () => gzipped } });
  }
  return { page: readFileSync(join(dist, "index.html"), "utf8"), assets };
}

export function consoleRoutes({ outputs, clock }: Pick<Deps, "outputs" | "clock">): readonly [path: string, Handler][] {
  let read: ReturnType<typeof readConsole> | undefined;
  const open = () => {
    read ??= readConsole();
    return read;
  };
  const sendPage: Handler = async (c) => {
    const policy = contentPolicy(await mediaOrigin(outputs, clock.now()));
    return answer(c, open().page, 200, { ...PAGE_HEADERS, "Content-Security-Policy": policy });
  };
  const sendAsset: Handler = (c) => {
    const asset = open().assets.get(c.req.param("name") ?? "");
    if (asset === undefined) throw new VisgateError("NOT_FOUND", "There is no such file.");
    return answerPacked(c, asset.body, { ...ASSET_HEADERS, "Content-Type": asset.type });
  };
  return [
    ["/console", sendPage],
    ["/console/assets/:name", sendAsset],
  ];
}

/** Where a file's URL redirects to; "" when this server sends the files itself. */
async function mediaOrigin(outputs: OutputStore, now: number): Promise<string> {
  const example = { expiresSeconds: 1, contentType: "video/mp4", filename: "0.mp4", signedAt: now };
  const url = await outputs.presign("console", example);
  return url === null ? "" : new URL(url).origin;
}

const contentPolicy = (mediaOrigin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    `img-src ${`'self' data: ${mediaOrigin}`.trim()}`,
    `media-src ${`'self' ${mediaOrigin}`.trim()}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
