/** Serves `/metrics` on a port of its own: for production, and for workers, which have no other server. */
import { createServer } from "node:http";
import type { Registry } from "prom-client";
import { createDrain } from "./drain-server.js";

export interface MetricsServer {
  /** Resolves when the answers under way are sent. */
  close(): Promise<void>;
}

export async function serveMetrics(
  registry: Registry,
  options: { host: string; port: number; keepAliveMs: number },
): Promise<MetricsServer> {
  const server = createServer({ keepAliveTimeout: options.keepAliveMs }, async (request, response) => {
    if (request.url !== "/metrics") return response.writeHead(404).end();
    const text = await registry.metrics().catch(() => null);
    if (text === null) return response.writeHead(503).end();
    response.writeHead(200, { "Content-Type": registry.contentType }).end(text);
  });
  const close = createDrain(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return { close };
}
