/** `/metrics` on a port of its own, for production and for workers, which serve nothing else. */
import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";

export async function serveMetrics(registry: Registry, options: { host: string; port: number }): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url !== "/metrics") return response.writeHead(404).end();
    const text = await registry.metrics().catch(() => null);
    if (text === null) return response.writeHead(503).end();
    response.writeHead(200, { "Content-Type": registry.contentType }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return server;
}
