/** The proxy as a request handler of Express 5. Mount it before express.json(): it reads the body itself. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { proxyToVisgate } from "@visgate_ai/server-proxy";

/** For a route that ends with `/*path`. `options`: those of proxyToVisgate. */
export const visgate = (options) => async (req, res) => {
  if (["CONNECT", "TRACE", "TRACK"].includes(req.method)) return void res.sendStatus(405); // no Request may have them
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  const request = new Request(new URL(req.originalUrl, "http://localhost"), {
    method: req.method,
    headers: req.headers,
    body: req.method === "POST" ? Readable.toWeb(req) : null,
    duplex: "half",
    signal: gone.signal,
  });
  const answer = await proxyToVisgate(request, { ...options, pathSegments: req.params.path });
  res.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) return void res.end();
  await pipeline(Readable.fromWeb(answer.body), res).catch(() => {}); // the browser went away
};
