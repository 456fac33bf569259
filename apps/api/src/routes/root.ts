/** What browsers, crawlers and language models ask for at the root of a server. */
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { VisgateError } from "@visgate/shared/errors";
import { answer } from "../http/answer.js";
import type { Answer, Ctx, Handler } from "../http/route.js";
import { BASE_PATH } from "../openapi.js";
import { sendDocsAsset } from "./docs.js";

const ROBOTS = "User-agent: *\nDisallow: /\n";
const CACHED = { "Cache-Control": "max-age=3600" };

/** The root of the repository, in the sources and in dist. */
const root = new URL("../../../../", import.meta.url);

const sendText = (text: string, type: string) => (c: Ctx) =>
  answer(c, text, 200, { "Content-Type": `${type}; charset=utf-8`, ...CACHED });

const redirectToDocs = (c: Ctx): Answer => answer(c, null, 302, { Location: `${BASE_PATH}/docs` });

/** Below no base path, without an API key, and not in the OpenAPI document. `publicBase`: the URL of this server. */
export function rootRoutes(publicBase: string): readonly (readonly [path: string, handle: Handler])[] {
  return [
    ["/", redirectToDocs],
    ["/robots.txt", sendText(ROBOTS, "text/plain")],
    ["/favicon.ico", (c) => sendDocsAsset(c, "favicon-32x32.png")],
    ["/llms.txt", sendDocument("llms.txt", "text/plain", (text) => withAddress(text, publicBase))],
    ...linkedDocuments(),
  ];
}

function sendDocument(path: string, type: string, complete = (text: string) => text): Handler {
  return async (c) => {
    const text = await readFile(new URL(path, root), "utf8").catch(() => null);
    if (text === null) throw new VisgateError("NOT_FOUND", `This server was installed without ${path}.`);
    return sendText(complete(text), type)(c);
  };
}

/** The file in the repository knows no server. The address follows the title and the summary, before the details. */
function withAddress(llms: string, publicBase: string): string {
  const [title, summary, ...details] = llms.split("\n\n");
  const api = publicBase + BASE_PATH;
  const address =
    `This copy is from a running server: its API is at ${api}, its OpenAPI document at ${api}/openapi.json, and its ` +
    `models, without an API key, at ${api}/models. SDKs and command line: \`VISGATE_BASE_URL=${publicBase}\`.`;
  return [title, summary, address, ...details].join("\n\n");
}

/** The links in llms.txt are relative, so each document is served at the path that its link leads to. */
function linkedDocuments(): [string, Handler][] {
  const llms = new URL("llms.txt", root);
  const text = existsSync(llms) ? readFileSync(llms, "utf8") : "";
  const paths = [...text.matchAll(/\]\(([\w./-]+\.md)\)/g)].map(([, path = ""]) => path);
  return paths.map((path) => [`/${path}`, sendDocument(path, "text/markdown")]);
}
