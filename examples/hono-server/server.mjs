/** A page that generates videos in the browser, and the server that keeps the key. */
import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { proxyToVisgate } from "@visgate_ai/server-proxy";
import { Hono } from "hono";
import { rolldown } from "rolldown";

const here = new URL(".", import.meta.url);
const page = readFileSync(new URL("page.html", here), "utf8");
const script = await bundle(new URL("page.mjs", here).pathname);

const app = new Hono();
app.get("/", (c) => c.html(page));
app.get("/page.js", (c) => c.body(script, 200, { "Content-Type": "text/javascript" }));
// Every visitor of this route spends your money: add a session check first, as the proxy's README shows.
app.all("/api/visgate/*", (c) => proxyToVisgate(c.req.raw, { pathSegments: c.req.path.split("/").slice(3) }));

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env.PORT || 3000) }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});

/** Bundles the script of the page and @visgate_ai/client into one file. @param {string} input */
async function bundle(input) {
  const build = await rolldown({ input, platform: "browser" });
  const { output } = await build.generate({ format: "esm" });
  return output[0].code;
}
